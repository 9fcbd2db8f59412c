import Glibc

/// What came with the program: its lessons and recordings, beside the project that it was built in, or where `make install`
/// has put them.
enum Belongings {
  /// The folder of that name (`lessons`, `transcripts`) that is nearest above the program.
  static func folder(_ name: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
    guard count > 0 else { return nil }
    var parts = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: "/")
    while parts.popLast() != nil {
      let above = parts.map { "/" + $0 }.joined()
      for folder in ["\(above)/share/replab/\(name)", "\(above)/\(name)"] where isFolder(folder) { return folder }
    }
    return nil
  }

  /// A file by the name that a user gives it. Where there is none, `transcripts/…` are the recordings that came along.
  static func file(_ path: String) -> String {
    guard path.hasPrefix("transcripts/"), access(path, F_OK) != 0, let folder = folder("transcripts") else {
      return path
    }
    let own = folder + path.dropFirst("transcripts".count)
    return access(own, F_OK) == 0 ? own : path
  }

  private static func isFolder(_ path: String) -> Bool {
    guard let stream = opendir(path) else { return false }
    closedir(stream)
    return true
  }
}
