@NullMarked
package dev.signet.process;

import org.jspecify.annotations.NullMarked;
