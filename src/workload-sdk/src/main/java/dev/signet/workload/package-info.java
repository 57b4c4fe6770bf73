@NullMarked
package dev.signet.workload;

import org.jspecify.annotations.NullMarked;
