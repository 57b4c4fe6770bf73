/** What an operator reads of authorities, agents and rotations. */
@NullMarked
package dev.signet.cli.trust;

import org.jspecify.annotations.NullMarked;
