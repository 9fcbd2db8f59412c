import Glibc

/// The browser of whoever sits here.
enum Browser {
  /// Has it open an address, as far as there is one: `$BROWSER`, or what the desktop has for it (xdg-open). It is on its own
  /// from then on; where none is found, the address stands there for the person to open.
  static func open(_ address: String) {
    let named = environment("BROWSER").flatMap { $0.isEmpty || $0.contains(":") || $0.contains("%") ? nil : $0 }
    guard named != nil || environment("DISPLAY") != nil || environment("WAYLAND_DISPLAY") != nil else { return }
    let words = [named ?? "xdg-open", address]
    var arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // A group of its own: Ctrl-C at the prompt is not for it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var process: pid_t = 0
    posix_spawnp(&process, words[0], &actions, &attributes, &arguments, environ)
  }
}
