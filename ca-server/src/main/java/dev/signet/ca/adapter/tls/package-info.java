/** TLS 1.3 with SVIDs on both sides: what this server shows, and what it takes from its peers. */
@NullMarked
package dev.signet.ca.adapter.tls;

import org.jspecify.annotations.NullMarked;
