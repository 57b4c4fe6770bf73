@NullMarked
package dev.signet.ca;

import org.jspecify.annotations.NullMarked;
