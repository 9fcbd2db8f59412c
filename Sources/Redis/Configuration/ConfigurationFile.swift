import RESP

/// A configuration file: the name under which a process was given it, and what is in it.
package struct ConfigurationFile: Sendable, Hashable {
  package var name: String
  package var bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// The files that it names: others that it includes (a name, or a pattern of several), and that of the users.
  package var named: [(directive: String, name: String)] {
    bytes.split(separator: 10).compactMap { line in
      guard line.first != UInt8(ascii: "#"), let words = InlineCommand.split(Array(line)), words.count == 2 else {
        return nil
      }
      let directive = String(bytes: words[0]).asciiLowercased()
      guard ["include", "aclfile"].contains(directive) else { return nil }
      return (directive, String(bytes: words[1]))
    }
  }
}

extension [UInt8] {
  /// What a file's bytes are once they were read line by line by fgets(3), at most so many at a time, and put together as
  /// strings: of a line that has a NUL what comes behind it is lost, and its end, too.
  func asReadByLines(of longest: Int) -> [UInt8] {
    guard contains(0) else { return self }
    var read: [UInt8] = []
    var rest = self[...]
    while !rest.isEmpty {
      let room = rest.prefix(longest)
      let line = room.firstIndex(of: 10).map { room[...$0] } ?? room
      read += line.prefix { $0 != 0 }
      rest = rest[line.endIndex...]
    }
    return read
  }
}

extension Configuration {
  /// The working directory of a process as it begins; a path without a slash in front is below it.
  package static let firstDirectory = "/data"

  /// Where a process in a directory finds a path, without `.`, `..` and slashes too many.
  static func absolutePath(_ path: String, in directory: String = firstDirectory) -> String {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : "\(directory)/\(path)").split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// What a file that names another is given for that name, as `fopen` or, if the name is a pattern, `glob` finds it
  /// (`loadServerConfig` in config.c).
  ///
  /// - Returns: the contents of all files found, one behind the other; nil where a file is named that is not there.
  package static func included(_ name: String, from files: [String: [UInt8]]) -> [UInt8]? {
    guard name.contains(where: { "*?[".contains($0) }) else { return files[name] }
    let pattern = name.split(separator: "/", omittingEmptySubsequences: false)
    let found = files.keys.filter { file in
      let parts = file.split(separator: "/", omittingEmptySubsequences: false)
      // No star stands for a slash, nor for the dot that a hidden name begins with.
      return parts.count == pattern.count
        && zip(pattern, parts).allSatisfy {
          Glob.matches(String($0), String($1)) && (!$1.hasPrefix(".") || $0.hasPrefix("."))
        }
    }
    return found.sorted().flatMap { files[$0] ?? [] }
  }
}
