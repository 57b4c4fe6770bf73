/** Which pods use Signet's volume, and what that means for taking Signet away. */
@NullMarked
package dev.signet.cli.volumes;

import org.jspecify.annotations.NullMarked;
