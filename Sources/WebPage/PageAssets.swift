import Views

/// The page's own files, which are a part of the program: as a server hands them out, and all in one.
package enum PageAssets {
  package struct File: Sendable {
    package let name: String
    package let type: String
    package let bytes: [UInt8]
  }

  /// The frame first, then the style, then the scripts in the order in which they are loaded.
  package static let files: [File] =
    [
      File(name: "page.html", type: "text/html", bytes: PackageResources.page_html),
      File(name: "page.css", type: "text/css", bytes: PackageResources.page_css),
    ]
    + [
      ("dom.js", PackageResources.dom_js), ("source.js", PackageResources.source_js),
      ("places.js", PackageResources.places_js), ("topology.js", PackageResources.topology_js),
      ("sequence.js", PackageResources.sequence_js),
      ("bytes.js", PackageResources.bytes_js), ("timeline.js", PackageResources.timeline_js),
      ("why.js", PackageResources.why_js), ("prompt.js", PackageResources.prompt_js),
      ("lesson.js", PackageResources.lesson_js), ("page.js", PackageResources.page_js),
    ].map { File(name: $0.0, type: "text/javascript", bytes: $0.1) }

  /// The page with its style in it, up to where the session's own text begins.
  static func head(title: String) -> String { parts(title: title).head }

  /// From behind the session's text to the page's end, with its scripts in it.
  static var tail: String { parts(title: "").tail }

  private static func text(_ name: String) -> String {
    files.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
  }

  /// The frame with each file that it names in place of the name. The session stands before the first script.
  private static func parts(title: String) -> (head: String, tail: String) {
    var (head, tail) = ("", "")
    var isBehind = false
    for line in text("page.html").split(separator: "\n") {
      var shown = String(line)
      if let name = name(in: line, "<link rel=\"stylesheet\" href=\"") {
        shown = "<style>\n\(text(name))</style>"
      } else if let name = name(in: line, "<script src=\"") {
        isBehind = true
        shown = "<script>\n\(text(name))</script>"
      } else if line.contains("<title>") {
        shown = "<title>\(Markup.escaped(title))</title>"
      }
      if isBehind { tail += shown + "\n" } else { head += shown + "\n" }
    }
    return (head, tail)
  }

  private static func name(in line: Substring, _ prefix: String) -> String? {
    guard let range = line.firstRange(of: prefix) else { return nil }
    return String(line[range.upperBound...].prefix { $0 != "\"" })
  }
}
