package dev.signet.sandbox.demo;

import dev.signet.sandbox.world.World;

/** What a chapter has at hand. */
record Scene(World world, Shop shop, Narrator narrator, Verdicts verdicts) {}
