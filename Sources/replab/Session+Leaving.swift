import Glibc
import Lab
import Views

// Coming and going: what a person is told at the beginning, and before what was done is lost.
extension Session {
  static let greeting = [
    "This is a lab for Redis replication. `help` says what one can type;",
    "`lesson` lists the lessons, and `lesson 1` opens the first. Ctrl-D leaves.",
  ]

  /// What a person sees who has just come.
  func greet() {
    guard isForPerson else { return }
    show(Self.greeting.map { Line($0) })
  }

  /// Whether something was done in this lab, the one under a recording, that is in no file.
  var isUnsaved: Bool {
    let own = timeline.recording == nil ? timeline : lab
    guard let deeds = own?.deeds else { return false }
    return !deeds.isEmpty && deeds != keptDeeds
  }

  /// A name under which the lab can be saved: `my.lab`, or the next one where somebody else's file has that.
  func freeFile(in folder: String = ".") -> String {
    let names = ["my.lab"] + (2...99).map { "my-\($0).lab" }
    return names.first { name in
      let path = "\(folder)/\(name)"
      return access(path, F_OK) != 0 || ownFiles.contains(fullName(of: path))
    } ?? "FILE"
  }

  /// Whether one may leave: of a lab that would be lost, a person is told how to keep it, and leaves by asking a second
  /// time, with nothing else in between. What a lesson has brought about can be had again.
  mutating func mayLeave() -> Bool {
    let isAside = lesson != nil
    guard isForPerson, !isKeepingExplained, isAside ? aside.last?.isUnsaved == true : isUnsaved else { return true }
    isKeepingExplained = true
    let way = isAside ? "`lesson off`, then " : timeline.recording != nil ? "`replay`, then " : ""
    show(
      Line.filled(
        "The lab is not saved: \(way)`save \(freeFile())` keeps it as a script. Once more `quit`, or Ctrl-D, leaves.",
        width: width))
    return false
  }
}
