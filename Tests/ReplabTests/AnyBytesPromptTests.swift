import Foundation
import Testing

@testable import replab

@Suite("Bytes that are no text, at the prompt") struct AnyBytesPromptTests {
  private static let script = [
    #"start a --requirepass "p\xff" --masteruser "u\xfe" --replica-announce-ip "h\xff" --enable-debug-command yes"#,
    #"a AUTH "p\xff""#, #"a CONFIG GET requirepass"#, #"a "FO\xffO" x"#,
    #"a ACL SETUSER "u\xff" on ">x\xfe" "~k\xff*" +get"#,
    #"a SET "k\xff" v PX 5"#, "advance 1s", #"a GET "k\xff""#, #"a REPLICAOF "h\xff" 7001"#, "advance 2s", "why",
    "a REPLICAOF NO ONE", #"a DEBUG LOG "x\xff""#, #"a REPLCONF "\xff" 1"#,
    #"a REPLCONF ip-address "v\xff" listening-port 7"#,
    #"a PSYNC "\xff" 1"#, "why", "info clients", "info topology", "info nodes", "list", "x",
  ]

  /// In UTF-8: the scalars that stand for bytes in the lab's own texts, from U+10FF80 on.
  private static func hasStandIn(_ bytes: [UInt8]) -> Bool {
    bytes.indices.contains {
      bytes[$0...].starts(with: [0xF4, 0x8F, 0xBE]) || bytes[$0...].starts(with: [0xF4, 0x8F, 0xBF])
    }
  }

  @Test(
    "are what a node is told, and are shown as bytes or as one mark for each",
    arguments: [[], ["--json"], ["--view", "fields"]])
  func shown(arguments: [String]) throws {
    let folder = Folder()
    let files = ["md", "svg", "html", "mmd", "arrows", "hex"].map { "moment.\($0)" }
    let exports = files.map { "export \(folder.path($0))" } + ["passwords show", "save \(folder.path("moment.lab"))"]
    let script = Self.script + exports + [""]
    let run = try Program.lab(script.joined(separator: "\n"), arguments)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains(arguments == ["--json"] ? "p\u{FFFD}" : #""p\xff""#))
    #expect(run.output.contains("h\u{FFFD}:7001"))
    #expect(!Self.hasStandIn(Array(run.output.utf8)))
    for file in files {
      let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.path(file))))
      #expect(bytes.count > 500)
      #expect(!Self.hasStandIn(bytes), "\(file)")
    }
    // The script that leads there has them as one types them, and leads there.
    let saved = folder.read("moment.lab")
    #expect(saved.contains(#"--requirepass "p\xff" --masteruser "u\xfe""#))
    let again = try Program.run(Program.replab, ["run", folder.path("moment.lab")] + arguments)
    #expect(again.status == 0, "\(again.errors)")
  }
}
