/** Files that others read. */
@NullMarked
package dev.signet.ca.adapter.file;

import org.jspecify.annotations.NullMarked;
