/** Folders, links and files on the node. */
@NullMarked
package dev.signet.agent.adapter.filesystem;

import org.jspecify.annotations.NullMarked;
