import Redis

/// What `start` was given.
package struct Launch: Sendable, Hashable {
  /// The configuration file as it was when the node was started, where one was named.
  package var file: ConfigurationFile?
  /// The directives, as redis-server takes them: `--port`, `7000`, …
  package var arguments: [String]
  /// The files that these name: those that are included, and that of the users.
  package var others: [ConfigurationFile] = []

  package init(file: ConfigurationFile? = nil, arguments: [String]) {
    self.file = file
    self.arguments = arguments
  }
}

extension Launch {
  /// Lays its files on a disk. What a node has written there stays, unless the file is another one than the disk was given
  /// with the launch before: somebody has edited it.
  func lay(on disk: inout Disk, after last: Launch?) {
    for file in [file].compactMap(\.self) + others
    where disk.files[file.name] == nil || !(last?.gave(file) ?? false) {
      disk.lay(file.name, file.bytes)
    }
  }

  private func gave(_ file: ConfigurationFile) -> Bool { self.file == file || others.contains(file) }
}
