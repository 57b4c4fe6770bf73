package dev.signet.agent.adapter.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's functions, as few as are needed. The calls for mounts are younger than many C
 * libraries and go through {@code syscall}; their numbers are the same on every machine.
 */
final class Libc {
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long OPENAT2 = 437;
  private static final long MOUNT_SETATTR = 442;

  /** {@code struct open_how}: flags, mode, resolve. */
  private static final MemoryLayout OPEN_HOW = MemoryLayout.sequenceLayout(3, JAVA_LONG);

  /** {@code struct mount_attr}: set, clear, propagation, user namespace. */
  private static final MemoryLayout MOUNT_ATTR = MemoryLayout.sequenceLayout(4, JAVA_LONG);

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_VALUE =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SYSCALL =
      function(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          ERRNO,
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), ERRNO);
  private static final MethodHandle MKDIRAT =
      function("mkdirat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), ERRNO);
  private static final MethodHandle UNLINKAT =
      function("unlinkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), ERRNO);
  private static final MethodHandle STATX =
      function(
          "statx",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS),
          ERRNO);
  private static final MethodHandle MOUNT =
      function(
          "mount",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS),
          ERRNO);
  private static final MethodHandle UMOUNT2 =
      function("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), ERRNO);

  private Libc() {}

  // Restricted: a wrong type here can take the process down. The types are those of the manual
  // pages, and the process is started with --enable-native-access.
  @SuppressWarnings("restricted")
  private static MethodHandle function(
      String name, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
  }

  /** {@code openat2(folder, path, how)}: a new descriptor. */
  static int openat2(int folder, String path, long flags, long resolve, String subject)
      throws LinuxException {
    return (int)
        call(
            "openat2",
            subject,
            (arena, state) -> {
              MemorySegment how = arena.allocate(OPEN_HOW);
              how.set(JAVA_LONG, 0, flags);
              how.set(JAVA_LONG, 16, resolve);
              return (long)
                  SYSCALL.invokeExact(
                      state,
                      OPENAT2,
                      (long) folder,
                      arena.allocateFrom(path).address(),
                      how.address(),
                      how.byteSize(),
                      0L);
            });
  }

  /** {@code open_tree} on a descriptor itself: a new descriptor. */
  static int openTree(int descriptor, int flags, String subject) throws LinuxException {
    return (int)
        call(
            "open_tree",
            subject,
            (arena, state) ->
                (long)
                    SYSCALL.invokeExact(
                        state,
                        OPEN_TREE,
                        (long) descriptor,
                        arena.allocateFrom("").address(),
                        (long) flags,
                        0L,
                        0L));
  }

  /** {@code mount_setattr} on a descriptor itself. */
  static void mountSetattr(int mount, int flags, long set, long propagation, String subject)
      throws LinuxException {
    call(
        "mount_setattr",
        subject,
        (arena, state) -> {
          MemorySegment attributes = arena.allocate(MOUNT_ATTR);
          attributes.set(JAVA_LONG, 0, set);
          attributes.set(JAVA_LONG, 16, propagation);
          return (long)
              SYSCALL.invokeExact(
                  state,
                  MOUNT_SETATTR,
                  (long) mount,
                  arena.allocateFrom("").address(),
                  (long) flags,
                  attributes.address(),
                  attributes.byteSize());
        });
  }

  /** {@code move_mount} from one descriptor itself to another itself. */
  static void moveMount(int mount, int target, int flags, String subject) throws LinuxException {
    call(
        "move_mount",
        subject,
        (arena, state) -> {
          long empty = arena.allocateFrom("").address();
          return (long)
              SYSCALL.invokeExact(
                  state, MOVE_MOUNT, (long) mount, empty, (long) target, empty, (long) flags);
        });
  }

  static int open(String path, int flags) throws LinuxException {
    return (int)
        call(
            "open",
            path,
            (arena, state) -> (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags));
  }

  static void close(int descriptor, String subject) throws LinuxException {
    call("close", subject, (_, state) -> (int) CLOSE.invokeExact(state, descriptor));
  }

  static void mkdirat(int folder, String name, int mode, String subject) throws LinuxException {
    call(
        "mkdirat",
        subject,
        (arena, state) -> (int) MKDIRAT.invokeExact(state, folder, arena.allocateFrom(name), mode));
  }

  static void unlinkat(int folder, String name, int flags, String subject) throws LinuxException {
    call(
        "unlinkat",
        subject,
        (arena, state) ->
            (int) UNLINKAT.invokeExact(state, folder, arena.allocateFrom(name), flags));
  }

  static void statx(int descriptor, int flags, int mask, MemorySegment into, String subject)
      throws LinuxException {
    call(
        "statx",
        subject,
        (arena, state) ->
            (int) STATX.invokeExact(state, descriptor, arena.allocateFrom(""), flags, mask, into));
  }

  static void mount(
      String source, String target, String type, long flags, String data, String subject)
      throws LinuxException {
    call(
        "mount",
        subject,
        (arena, state) ->
            (int)
                MOUNT.invokeExact(
                    state,
                    arena.allocateFrom(source),
                    arena.allocateFrom(target),
                    arena.allocateFrom(type),
                    flags,
                    arena.allocateFrom(data)));
  }

  static void umount2(String target, int flags, String subject) throws LinuxException {
    call(
        "umount2",
        subject,
        (arena, state) -> (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags));
  }

  private static long call(String name, String subject, Call call) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      long result = invoke(call, arena, state);
      if (result < 0) {
        throw new LinuxException(name, subject, (int) ERRNO_VALUE.get(state, 0L));
      }
      return result;
    }
  }

  private static long invoke(Call call, Arena arena, MemorySegment state) {
    try {
      return call.run(arena, state);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall throws nothing of its own", e);
    }
  }

  /** One downcall; what it allocates lives as long as it. */
  private interface Call {
    long run(Arena arena, MemorySegment state) throws Throwable;
  }
}
