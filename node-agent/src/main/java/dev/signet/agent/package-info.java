@NullMarked
package dev.signet.agent;

import org.jspecify.annotations.NullMarked;
