@NullMarked
package dev.signet.spiffe;

import org.jspecify.annotations.NullMarked;
