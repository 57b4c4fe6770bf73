/** The way to a CA: gRPC on its own Unix socket. */
@NullMarked
package dev.signet.cli.adapter.admin;

import org.jspecify.annotations.NullMarked;
