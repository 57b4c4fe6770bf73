package dev.signet.agent.adapter.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * What {@code statx(2)} tells of a place.
 *
 * @param device of its file system, unique on the node
 * @param inode unique in the device
 * @param mount ID of the mount it is on, as in {@code /proc/self/mountinfo}; negative before Linux
 *     5.8, which does not tell
 * @param mountRoot whether it is what that mount shows at its mount point
 * @param kind the type bits of its mode
 */
public record FileStatus(long device, long inode, long mount, boolean mountRoot, int kind) {
  /** {@code struct statx}: 256 bytes. */
  static final MemoryLayout LAYOUT = MemoryLayout.sequenceLayout(32, JAVA_LONG);

  private static final int BASIC_STATS = 0x7ff;
  private static final int MOUNT_ID = 0x1000;
  static final int MASK = BASIC_STATS | MOUNT_ID;

  private static final long MOUNT_ROOT = 0x2000;
  private static final int KIND = 0xf000;
  private static final int FOLDER = 0x4000;
  private static final int SOCKET = 0xc000;

  static FileStatus of(MemorySegment statx) {
    return new FileStatus(
        ((long) statx.get(JAVA_INT, 136) << 32) | Integer.toUnsignedLong(statx.get(JAVA_INT, 140)),
        statx.get(JAVA_LONG, 32),
        (statx.get(JAVA_INT, 0) & MOUNT_ID) == 0 ? -1 : statx.get(JAVA_LONG, 144),
        (statx.get(JAVA_LONG, 8) & MOUNT_ROOT) != 0,
        statx.get(JAVA_SHORT, 28) & KIND);
  }

  public boolean isFolder() {
    return kind == FOLDER;
  }

  public boolean isSocket() {
    return kind == SOCKET;
  }

  /** Whether both are one and the same file or folder. */
  public boolean isSameFile(FileStatus other) {
    return device == other.device && inode == other.inode;
  }
}
