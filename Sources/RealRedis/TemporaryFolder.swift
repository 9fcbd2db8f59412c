import Glibc

/// A folder that goes with its last reference. A file may be named with folders of its own in front.
package final class TemporaryFolder: Sendable {
  package let root: String

  package init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/replab-\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw RealServerError("can't make a folder in \(base): \(String(cString: strerror(errno)))")
    }
    root = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { remove(root) }

  package func path(_ name: String) -> String { "\(root)/\(name)" }

  package func write(_ name: String, _ bytes: [UInt8]) throws {
    for end in name.indices where name[end] == "/" { mkdir(path(String(name[..<end])), 0o755) }
    let file = open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    defer { close(file) }
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw RealServerError("can't write \(path(name)): \(String(cString: strerror(errno)))")
    }
  }

  /// A file's bytes, nil if there is none.
  package func read(_ name: String) -> [UInt8]? {
    let file = open(path(name), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return readAll(file)
  }
}

/// Removes a folder and all that is in it.
private func remove(_ folder: String) {
  if let entries = opendir(folder) {
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      if entry.pointee.d_type == DT_DIR { remove("\(folder)/\(name)") } else { unlink("\(folder)/\(name)") }
    }
    closedir(entries)
  }
  rmdir(folder)
}
