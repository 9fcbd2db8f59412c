import Glibc
import Lab
import Lessons

/// Where lessons are found, and what they are called there.
struct LessonCatalog {
  /// A page of the catalogue; read, but perhaps no lesson.
  struct Book {
    /// Its place in the order of the lessons, from 1; nil for a file given by its path.
    var number: Int?
    /// Its file's name without number and ending: `handshake` for `02-handshake.md`.
    var name: String
    var path: String
    /// As complaints name it: as short as leads there from where one is.
    var shownPath: String

    /// - Throws: a complaint with the page's line.
    func lesson() throws(Complaint) -> Lesson {
      let text = String(decoding: try readFile(path), as: UTF8.self)
      do {
        return try Lesson(text)
      } catch {
        throw Complaint.input(error.reason).at(file: shownPath, line: error.line)
      }
    }
  }

  /// In order.
  var books: [Book]

  /// The one behind another; nil behind the last, and behind a file that is none of them.
  func book(after book: Book) -> Book? {
    guard let index = books.firstIndex(where: { $0.path == book.path }), index + 1 < books.count else { return nil }
    return books[index + 1]
  }

  /// The lessons of the folder `$REPLAB_LESSONS`, or else of those that came with the program.
  init() throws(Complaint) {
    guard let folder = environment("REPLAB_LESSONS") ?? Belongings.folder("lessons") else {
      throw .input(
        "no folder with lessons is to be found above the program",
        advice: "Name it in REPLAB_LESSONS, or give a lesson's file.")
    }
    let files = try Self.files(in: folder).filter { $0.hasSuffix(".md") && !$0.hasPrefix("README") }.sorted()
    let here = Self.here().map { $0 + "/" }
    books = files.enumerated().map { index, file in
      let path = "\(folder)/\(file)"
      let shown = here.flatMap { path.hasPrefix($0) ? String(path.dropFirst($0.count)) : nil } ?? path
      return Book(number: index + 1, name: Self.name(of: file), path: path, shownPath: shown)
    }
  }

  /// The lesson with this name, number or unambiguous beginning of a name, or in this file.
  static func book(_ word: String) throws(Complaint) -> Book {
    if word.contains("/") || word.hasSuffix(".md") {
      let file = word.split(separator: "/").last.map(String.init) ?? word
      return Book(number: nil, name: name(of: file), path: word, shownPath: word)
    }
    let books = try LessonCatalog().books
    if let book = books.first(where: { $0.name == word || $0.number == Int(word) }) { return book }
    let begun = books.filter { $0.name.hasPrefix(word) }
    if begun.count == 1 { return begun[0] }
    if begun.count > 1 {
      throw .usage(
        "several lessons begin with ‘\(word)’", advice: "They are: \(begun.map(\.name).joined(separator: ", ")).")
    }
    let nearest = Suggestion.nearest(to: word, among: books.map(\.name)).map { "Did you mean ‘\($0)’?" }
    throw .usage("there is no lesson ‘\(word)’", advice: nearest ?? "`lesson` lists them.")
  }

  /// Without the number that gives it its place, and without `.md`.
  private static func name(of file: String) -> String {
    let stem = file.hasSuffix(".md") ? String(file.dropLast(3)) : file
    let rest = stem.drop { $0.isASCII && $0.isNumber }
    guard rest.count < stem.count, let mark = rest.first, mark == "-" || mark == "_", rest.count > 1 else {
      return stem
    }
    return String(rest.dropFirst())
  }

  private static func here() -> String? {
    guard let here = getcwd(nil, 0) else { return nil }
    defer { free(here) }
    return String(cString: here)
  }

  /// The names of what is in a folder, in no order.
  private static func files(in folder: String) throws(Complaint) -> [String] {
    guard let stream = opendir(folder) else {
      throw .input("cannot read \(folder): \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }
}
