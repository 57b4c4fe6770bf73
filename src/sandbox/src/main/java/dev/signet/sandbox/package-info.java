@NullMarked
package dev.signet.sandbox;

import org.jspecify.annotations.NullMarked;
