import Lua
import RDB

/// The libraries of functions (`functionsLibCtx` in functions.c), in the order in which they came; a real Redis lists them in
/// that of a hash table.
package struct FunctionLibraries: Equatable, Sendable {
  package struct Function: Equatable, Sendable {
    package var name: Bytes
    package var description: Bytes?
    package var flags: ScriptFlags
  }

  package struct Library: Equatable, Sendable {
    package var name: Bytes
    /// With its first line.
    package var code: Bytes
    /// Where that ends.
    var codeStart: Int
    package var functions: [Function] = []

    /// What Lua is given.
    var body: [UInt8] { Array(code.array.dropFirst(codeStart)) }
  }

  package private(set) var all: [Library] = []

  package init() {}

  package var functionCount: Int { all.reduce(0) { $0 + $1.functions.count } }

  func library(_ name: Bytes) -> Library? { all.first { $0.name == name } }

  /// Whatever the case in which it is written; names of libraries have one.
  func find(_ name: Bytes) -> (function: Function, library: Library)? {
    let name = name.lowercased()
    for library in all {
      if let function = library.functions.first(where: { $0.name.lowercased() == name }) { return (function, library) }
    }
    return nil
  }

  mutating func remove(_ name: Bytes) { all.removeAll { $0.name == name } }

  /// Runs a library, which registers its functions (`functionsCreateWithLibraryCtx` in functions.c; `luaEngineCreate` in
  /// function_lua.c).
  ///
  /// - Parameters:
  ///   - isBounded: it may not take longer than half a second.
  ///   - log: what it says meanwhile.
  /// - Returns: its name.
  mutating func load(
    _ code: [UInt8], replaces: Bool, isBounded: Bool, _ log: inout [LogEntry]
  ) throws(LibraryMetadata.Complaint) -> Bytes {
    let metadata = try LibraryMetadata(code)
    var new = Library(name: Bytes(metadata.name), code: Bytes(code), codeStart: metadata.codeStart)
    if !replaces, library(new.name) != nil {
      throw LibraryMetadata.Complaint(words: "Library '\(metadata.name)' already exists".bytes)
    }
    if let words = Self.register(&new, isBounded: isBounded, &log) { throw LibraryMetadata.Complaint(words: words) }
    if new.functions.isEmpty { throw LibraryMetadata.Complaint(words: Array("No functions registered".utf8)) }
    try link([new])
    return new.name
  }

  /// Takes up libraries, in place of those of the same names (`libraryLink` in functions.c).
  private mutating func link(_ new: [Library]) throws(LibraryMetadata.Complaint) {
    let others = all.filter { old in !new.contains { $0.name == old.name } }
    let taken = Set(others.flatMap { $0.functions.map { $0.name.lowercased() } })
    for function in new.flatMap(\.functions) where taken.contains(function.name.lowercased()) {
      throw LibraryMetadata.Complaint(words: "Function ".utf8 + function.name.array + " already exists".utf8)
    }
    all = others + new
  }

  /// Adds all of the others, in place of those of the same names if so wished (`libraryJoin` in functions.c).
  mutating func join(_ others: FunctionLibraries, replaces: Bool) throws(LibraryMetadata.Complaint) {
    if !replaces, let taken = others.all.first(where: { library($0.name) != nil }) {
      throw LibraryMetadata.Complaint(words: "Library ".utf8 + taken.name.array + " already exists".utf8)
    }
    try link(others.all)
  }

  /// Runs the code; what is wrong with it, or nil.
  private static func register(_ library: inout Library, isBounded: Bool, _ log: inout [LogEntry]) -> [UInt8]? {
    var script = Script(.load, library.body)
    var complaint: [UInt8]?
    script.run { question in
      switch question {
      case .register(let name, let description, let flags):
        guard LibraryMetadata.isName(name) else { return .refused(LibraryMetadata.badName) }
        guard !library.functions.contains(where: { $0.name.array == name }) else {
          return .refused(Array("Function already exists in the library".utf8))
        }
        library.functions.append(
          Function(name: Bytes(name), description: description.map { Bytes($0) }, flags: ScriptFlags(rawValue: flags)))
      case .log(let level, let text):
        let levels = LogEntry.Level.allCases
        if levels.indices.contains(level) {
          log.append(LogEntry(levels[level], String(bytes: text.prefix { $0 != 0 })))
        }
      case .ran(let instructions, _):
        if isBounded, instructions > ScriptTime.longestLoad { return .end(.loadTimeout) }
        if instructions > ScriptTime.longest { return .end(.abandoned) }
      case .end(.notCompiled(let words)): complaint = Array("Error compiling function: ".utf8) + words
      case .end(.failed(let words, _, _, _)), .end(.failedPlainly(let words)):
        complaint = Array("Error registering functions: ".utf8) + words
      default: break
      }
      return .none
    }
    return complaint
  }
}
