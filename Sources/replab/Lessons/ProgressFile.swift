import Glibc
import Lessons

/// Where progress is kept between runs: `lessons` in replab's state folder.
enum ProgressFile {
  /// What is kept; nothing where it cannot be read, which is said.
  static func read(_ tell: (Complaint) -> Void) -> Progress {
    guard let path = statePath("lessons"), access(path, F_OK) == 0 else { return Progress() }
    do {
      let progress = Progress(String(decoding: try readFile(path), as: UTF8.self))
      if let line = progress.unreadable.first {
        tell(Complaint.input("this is no lesson's progress; it is left out").at(file: path, line: line))
      }
      return progress
    } catch {
      tell(.input(error.what, advice: "The lessons go on without what you have done before."))
      return Progress()
    }
  }

  /// Notes where a lesson is, beside what another lab may have noted meanwhile.
  ///
  /// - Throws: where it cannot be written.
  static func note(_ name: String, at part: Int, of count: Int) throws(Complaint) {
    guard let path = statePath("lessons") else {
      throw .input("there is no home folder to keep your progress in", advice: "Set XDG_STATE_HOME or HOME.")
    }
    var progress = Progress()
    if access(path, F_OK) == 0 { progress = Progress(String(decoding: try readFile(path), as: UTF8.self)) }
    progress.note(name, at: part, of: count)
    try replaceFile(path, Array(progress.text.utf8), mode: 0o600)
  }
}

/// A file's path in `replab` in the XDG state directory, which is made if need be; nil where there is no home.
func statePath(_ name: String) -> String? {
  let state = environment("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
  guard let base = state ?? environment("HOME").map({ $0 + "/.local/state" }) else { return nil }
  var made = ""
  for part in (base + "/replab").split(separator: "/") {
    made += "/" + part
    mkdir(made, 0o700)
  }
  return made + "/" + name
}
