/** What is written down for those who look back: one event a grant, a refusal, a session. */
@NullMarked
package dev.signet.ca.audit;

import org.jspecify.annotations.NullMarked;
