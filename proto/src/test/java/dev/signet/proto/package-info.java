@NullMarked
package dev.signet.proto;

import org.jspecify.annotations.NullMarked;
