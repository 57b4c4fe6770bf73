/**
 * The configuration file: YAML into typed settings, with every mistake found at once and located by
 * file, line and key.
 */
@NullMarked
package dev.signet.process.config;

import org.jspecify.annotations.NullMarked;
