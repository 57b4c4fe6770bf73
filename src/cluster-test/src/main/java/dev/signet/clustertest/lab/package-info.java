/** The lab that the suites run in: its command, its kubectl, pods in it. */
@NullMarked
package dev.signet.clustertest.lab;

import org.jspecify.annotations.NullMarked;
