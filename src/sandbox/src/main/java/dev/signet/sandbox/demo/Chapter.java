package dev.signet.sandbox.demo;

/** A part of the story. */
interface Chapter {
  String title();

  /** Lets it happen, tells what is seen, and leaves a verdict on each expectation. */
  void play(Scene scene) throws Exception;
}
