/** Where private keys are kept: sealed files, or memory. */
@NullMarked
package dev.signet.ca.adapter.keys;

import org.jspecify.annotations.NullMarked;
