/**
 * SPIFFE types and their verification: IDs, X509-SVIDs and bundles. JDK only, no input or output.
 */
module dev.signet.spiffe {
  requires static org.jspecify;

  exports dev.signet.spiffe;
}
