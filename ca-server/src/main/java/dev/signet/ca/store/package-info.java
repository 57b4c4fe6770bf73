/** What issuing rests on, whichever database is behind it, and the folder beside it. */
@NullMarked
package dev.signet.ca.store;

import org.jspecify.annotations.NullMarked;
