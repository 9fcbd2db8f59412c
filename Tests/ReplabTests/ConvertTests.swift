import Capture
import Foundation
import FoundationXML
import RealRedis
import Testing

@Suite("replab convert") struct ConvertTests {
  static let captures = [
    "acl-ok", "acl-storm", "auth-storm", "chain", "fullsync-disk", "fullsync-diskless", "partial-resync", "types",
  ]
  static let texts = ["tcpdump", "hex", "arrows", "markdown", "mermaid", "svg", "html"]

  static func path(_ name: String) -> String { "\(Program.root)/transcripts/\(name).pcap" }
  static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

  private func convert(_ arguments: [String], zone: String = "UTC0") throws -> Program.Outcome {
    try Program.run(Program.replab, ["convert", "--force"] + arguments, environment: ["TZ": zone])
  }

  // MARK: To the byte

  @Test(
    "The text is what tcpdump prints, to the byte, at home and abroad", .enabled(if: Tool.isInstalled("tcpdump")),
    arguments: captures)
  func tcpdump(name: String) throws {
    for (format, option, zone) in [("tcpdump", "-A", "UTC0"), ("hex", "-X", "UTC0"), ("tcpdump", "-A", "Asia/Kolkata")]
    {
      let theirs = try Tool.run("tcpdump", ["-nn", option, "-r", Self.path(name)], environment: ["TZ": zone])
      let ours = try convert([Self.path(name), "--to", format], zone: zone)
      #expect(ours.output == String(decoding: theirs, as: UTF8.self) && ours.status == 0 && ours.errors.isEmpty)
    }
  }

  @Test("A capture file by way of any other form that has all bytes is the same file", arguments: captures)
  func lossless(name: String) throws {
    let folder = Folder()
    let (input, output) = (Self.path(name), folder.path("again.pcap"))
    #expect(try convert([input, folder.path("a.pcapng")]).status == 0)
    #expect(try convert([folder.path("a.pcapng"), output]).status == 0)
    #expect(try Self.bytes(output) == Self.bytes(input))
    #expect(try convert([input, output]).status == 0)
    #expect(try Self.bytes(output) == Self.bytes(input), "passwords and all")
    // Text has no dates, but all else.
    #expect(try convert([input, folder.path("a.hex")]).status == 0)
    #expect(try convert([folder.path("a.hex"), output]).status == 0)
    #expect(try convert([output, "--to", "hex"]).output == folder.read("a.hex"))
    let ours = try Pcap.packets(in: Self.bytes(output)).map(\.frame)
    #expect(try ours == Pcap.packets(in: Self.bytes(input)).map(\.frame))
  }

  @Test("Every form that can be read can be written in every form", arguments: ["acl-ok", "fullsync-diskless"])
  func pairs(name: String) throws {
    let folder = Folder()
    for ending in ["pcapng", "tcpdump", "hex", "arrows"] {
      #expect(try convert([Self.path(name), folder.path("in.\(ending)")]).status == 0)
    }
    for input in [Self.path(name)] + ["pcapng", "tcpdump", "hex", "arrows"].map({ folder.path("in.\($0)") }) {
      for format in ["pcap", "pcapng"] + Self.texts {
        let run = try convert([input, folder.path("out"), "--to", format])
        let written = try Self.bytes(folder.path("out"))
        #expect(run.status == 0 && written.count > 200, "\(input) to \(format): \(run.errors)")
      }
    }
  }

  @Test("Arrows read back say the same again") func arrows() throws {
    let folder = Folder()
    func lines(_ input: String, _ rest: [String] = []) throws -> [Substring] {
      let run = try convert([input, folder.path("x.arrows")] + rest)
      #expect(run.status == 0)
      return folder.read("x.arrows").split(separator: "\n").filter { !$0.hasPrefix("//") }
    }
    let first = try lines(Self.path("fullsync-diskless"), ["port 35814"])
    #expect(first.count > 10 && first[0] == "replica>>> PING")
    let input = folder.path("first.arrows")
    folder.write("first.arrows", first.joined(separator: "\n") + "\n")
    #expect(try lines(input) == first)
    // The blocks of a page are arrows, too.
    #expect(try convert([Self.path("fullsync-diskless"), folder.path("x.md"), "port 35814"]).status == 0)
    #expect(try lines(folder.path("x.md")) == first)
  }

  @Test("Times since the first or the last packet are read", .enabled(if: Tool.isInstalled("tcpdump")))
  func relativeTimes() throws {
    let folder = Folder()
    for option in ["-ttt", "-ttttt"] {
      let text = try Tool.run("tcpdump", ["-nn", "-X", option, "-r", Self.path("chain")])
      folder.write("in.txt", String(decoding: text, as: UTF8.self))
      #expect(try convert([folder.path("in.txt"), folder.path("out.pcap")]).status == 0)
      let (ours, theirs) = (
        try Pcap.packets(in: Self.bytes(folder.path("out.pcap"))), try Pcap.packets(in: Self.bytes(Self.path("chain")))
      )
      #expect(ours.map(\.frame) == theirs.map(\.frame))
      let offsets = [ours, theirs].map { packets in packets.map { $0.timestamp - packets[0].timestamp } }
      #expect(offsets[0] == offsets[1], "\(option)")
    }
  }

  @Test("Text of other links, and of IPv6, gives the segments", .enabled(if: Tool.isInstalled("tcpdump")))
  func otherLinks() throws {
    let folder = Folder()
    let packets = try Pcap.packets(in: Self.bytes(Self.path("acl-ok")))
    let headers: [(LinkType, [UInt8])] = [
      (.raw, []), (.null, [2, 0, 0, 0]), (.linuxCooked, [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]),
    ]
    var files = headers.map { type, header in
      packets.reduce(into: Pcap.header(linkType: type)) { file, packet in
        let bytes = header + packet.frame.dropFirst(14)
        let frame = Frame(
          timestamp: packet.timestamp, linkType: type, bytes: SharedBytes(bytes), wireLength: bytes.count)
        Pcap.append(frame, to: &file)
      }
    }
    let six = packets.map { packet in
      let ends = [packet.source.port, packet.destination.port].map { Endpoint(.v6(.loopback), $0) }
      return Packet(
        timestamp: packet.timestamp, source: ends[0], destination: ends[1], sequence: packet.sequence,
        acknowledgement: packet.acknowledgement, flags: packet.flags, window: packet.window, options: packet.options,
        identification: 0, payload: packet.payload)
    }
    files.append(Pcap.file(six))
    for file in files {
      try Tool.withFile(file, suffix: ".pcap") { path in
        for option in ["-A", "-X"] {
          let text = try Tool.run("tcpdump", ["-nn", option, "-r", path], environment: ["TZ": "UTC0"])
          let printed = try convert([path, "--to", option == "-A" ? "tcpdump" : "hex"]).output
          #expect(printed == String(decoding: text, as: UTF8.self))
          folder.write("in.txt", printed)
          #expect(try convert([folder.path("in.txt"), folder.path("out.pcap")]).status == 0)
          let again = try Pcap.packets(in: Self.bytes(folder.path("out.pcap")))
          #expect(again.map(\.flags) == packets.map(\.flags) && again.map(\.length) == packets.map(\.length))
          if option == "-X" { #expect(again.map(\.payload) == packets.map(\.payload)) }
        }
      }
    }
  }

  // MARK: Which packets, and where to

  @Test("A filter stands behind the file to write, or in an option") func filters() throws {
    let input = Self.path("chain")
    let all = try convert([input, "--to", "tcpdump"]).output
    let behind = try convert([input, "-", "port 7001", "--to", "tcpdump"]).output
    #expect(try behind == convert([input, "--filter", "port 7001", "--to", "tcpdump"]).output)
    #expect(try behind == convert([input, "-", "port", "7001", "--to", "tcpdump"]).output)
    #expect(!behind.isEmpty && behind.utf8.count < all.utf8.count)
    for (arguments, words) in [
      (["port 7001", "--to", "hex"], "looks like a filter"),
      (["-", "port 7001", "--filter", "tcp", "--to", "hex"], "two filters"),
      (["-", "prt 7001", "--to", "hex"], "‘prt 7001’"),
      (["--to", "svgg"], "Did you mean ‘svg’?"), ([], "which format"), (["x.gif"], "tells no format"),
    ] {
      let run = try convert([input] + arguments)
      #expect(run.status == 2 && run.errors.contains(words), "\(arguments): \(run.errors)")
    }
    let nothing = try convert([input, "-", "port 1", "--to", "svg"])
    #expect(nothing.status == 3 && nothing.errors.contains("no packet passes"))
  }

  @Test("Standard input is read like a file") func standardInput() throws {
    let input = Self.path("partial-resync")
    for format in Self.texts where format != "markdown" && format != "html" {
      let piped = try Program.run(
        "/bin/sh", ["-c", "cat \(input) | \(Program.replab) convert - --to \(format)"], environment: ["TZ": "UTC0"])
      #expect(try piped.output == convert([input, "--to", format]).output && piped.status == 0, "\(format)")
    }
  }

  @Test("A file that breaks off is written as far as it can be read; the offset is told") func brokenOff() throws {
    let (folder, whole) = (Folder(), try Self.bytes(Self.path("partial-resync")))
    try Tool.withFile(Array(whole.prefix(5_000)), suffix: ".pcap") { path in
      for format in ["pcap", "pcapng"] + Self.texts {
        let run = try convert([path, folder.path("out"), "--to", format])
        #expect(run.status == 3 && run.errors.contains("byte 5000"), "\(format): \(run.errors)")
        #expect(try Self.bytes(folder.path("out")).count > 500)
      }
      let page = try convert([path, "--to", "html"]).output
      #expect(page.hasSuffix("</html>\n") && page.contains("REPLCONF capa"))
      let text = try convert([path, "--to", "hex"]).output
      #expect(try convert([Self.path("partial-resync"), "--to", "hex"]).output.hasPrefix(text) && text.count > 1_000)
    }
  }

  @Test("What can't be written is told; what nobody reads is not") func unwritable() throws {
    let input = Self.path("chain")
    for command in ["--to hex > /dev/full", "/dev/full --to svg", "/dev/full --to pcap"] {
      let run = try Program.run("/bin/sh", ["-c", "\(Program.replab) convert \(input) \(command)"])
      #expect(run.status == 3 && run.errors.contains("No space left on device"), "\(command): \(run.errors)")
    }
    let view = try Program.run("/bin/sh", ["-c", "\(Program.replab) replay \(input) --to end > /dev/full"])
    #expect(view.status == 3 && view.errors.contains("standard output: cannot be written"))
    for trap in ["", "trap '' PIPE; "] {
      let run = try Program.run(
        "/bin/sh", ["-c", "{ \(trap)sleep 0.2; \(Program.replab) convert \(input) --to hex; echo $? >&2; } | true"])
      #expect(["0\n", "141\n"].contains(run.errors), "\(run.errors)")
    }
    let folder = Folder()
    folder.write("a.txt", try convert([input, "--to", "tcpdump"]).output)
    let same = try convert([folder.path("a.txt"), folder.path("a.txt")])
    #expect(same.status == 3 && same.errors.contains("is the file that is read") && !folder.read("a.txt").isEmpty)
    #expect(try convert([input, "/nowhere/x.pcap"]).status == 3)
    #expect(try convert(["/nowhere/x.pcap", "--to", "hex"]).status == 3)
  }

  @Test(
    "Binary forms are kept from a terminal", .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/script")))
  func terminal() throws {
    for (format, status) in [("pcap", 2), ("pcapng", 2), ("arrows", 0)] as [(String, Int32)] {
      let command = "\(Program.replab) convert \(Self.path("acl-ok")) --to \(format)"
      let run = try Program.run("/usr/bin/script", ["-qec", command, "/dev/null"])
      #expect(run.status == status && run.output.contains("not for a terminal") == (status == 2), "\(run.output)")
    }
  }

  // MARK: Pages and pictures

  /// What a page has of its session.
  private static func session(in html: String) throws -> [String: Any] {
    let start = "<script id=\"session\" type=\"application/json\">"
    let text = try #require(html.components(separatedBy: start).last?.components(separatedBy: "</script>").first)
    return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("Passwords are stars in what is understood, unless asked for") func passwords() throws {
    for format in ["arrows", "markdown", "mermaid", "svg", "html"] {
      let hidden = try convert([Self.path("acl-ok"), "--to", format]).output
      let shown = try convert([Self.path("acl-ok"), "--to", format, "--show-passwords"]).output
      #expect(hidden.contains("AUTH repl **") && !shown.contains("AUTH repl **"), "\(format)")
      #expect(shown.contains("AUTH repl ") && hidden != shown)
    }
  }

  @Test("Pictures and pages are well-formed, need nothing from elsewhere, and have every message", arguments: captures)
  func pages(name: String) throws {
    func output(_ format: String) throws -> String { try convert([Self.path(name), "--to", format]).output }
    let lines = try output("mermaid").split(separator: "\n")
    let messages = lines.count { $0.contains(">>p") || $0.contains("--xp") }
    let svg = try output("svg")
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    let drawn = ["a", "b", "f"].reduce(0) { $0 + svg.components(separatedBy: "<g class=\"\($1)\">").count - 1 }
    #expect(drawn == messages && messages > 5)
    // Whoever takes part is named once, and nobody else says anything.
    let participants = lines.count { $0.hasPrefix("  participant p") }
    #expect((2...5).contains(participants) && !lines.contains { $0.contains("p\(participants + 1)") })
    let html = try output("html")
    let steps = try #require(Self.session(in: html)["steps"] as? [[String: Any]])
    let all = steps.reduce(0) { $0 + (($1["messages"] as? [Any])?.count ?? 0) }
    let isFolded = lines.contains { $0.contains(" attempts more ") || $0.contains(" of pings: ") }
    #expect(isFolded ? all > messages : all == messages)
    #expect(!html.contains(" src=") && !html.contains("@import"))
    #expect(html.components(separatedBy: "http://").dropFirst().allSatisfy { $0.hasPrefix("www.w3.org/2000/svg") })
    #expect(svg.components(separatedBy: "http").count == 2, "the namespace alone")
    let page = try output("markdown")
    #expect(page.hasPrefix("# \(name).pcap\n"))
    // A block ends where the next one begins, and the last at the end.
    let fences = page.split(separator: "\n").filter { $0.hasPrefix("```") }
    #expect(
      fences.enumerated().allSatisfy { $1 == ($0.isMultiple(of: 2) ? "```text" : "```") } && page.hasSuffix("```\n"))
  }

  @Test("A part: some packets of a file, keep-alives folded") func parts() throws {
    let input = Self.path("partial-resync")
    func output(_ arguments: String...) throws -> String {
      let run = try convert([input, "-", "--to"] + arguments)
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    let whole = try output("tcpdump").components(separatedBy: " IP ").count - 1
    #expect(try output("tcpdump", "--steps", "5-9").components(separatedBy: " IP ").count - 1 == 5)
    #expect(try output("tcpdump", "--steps", "5-").components(separatedBy: " IP ").count - 1 == whole - 4)
    #expect(try output("tcpdump", "--steps", "7").components(separatedBy: " IP ").count - 1 == 1)
    let all = try output("mermaid")
    let (start, rest) = (try output("mermaid", "--steps", "1-20"), try output("mermaid", "--steps", "21-"))
    func arrows(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.contains(">>p") } }
    #expect(arrows(start).count + arrows(rest).count == arrows(all).count && !arrows(start).isEmpty)
    let folded = try output("mermaid", "--fold")
    #expect(arrows(folded).count < arrows(all).count && folded.contains(" of pings: "))
    for (arguments, words) in [
      (["svg", "--steps", "9-5"], "is no range"), (["svg", "--steps", "x"], "is no range"),
      (["svg", "--steps", "0-5"], "is no range"), (["pcap", "--fold"], "has every packet"),
    ] {
      let run = try convert([input, "/nowhere/out", "--to"] + arguments)
      #expect(run.status == 2 && run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test("export writes a part: steps, a link, keep-alives folded, in any order") func exportedParts() throws {
    let folder = Folder()
    let run = try Program.lab(
      """
      start m --port 7000
      start r --port 7001 --replicaof "127.0.0.1 7000"
      start r2 --port 7002 --replicaof "127.0.0.1 7000"
      advance 20s
      export \(folder.path("all.mmd"))
      export \(folder.path("some.mmd")) 1-40
      export \(folder.path("one.mmd")) fold 'link 2'
      export \(folder.path("both.mmd")) link 1 10-90
      export \(folder.path("one.pcap")) 'link 2'
      export \(folder.path("all.pcap"))

      """)
    #expect(run.status == 0, "\(run.errors)")
    let (all, some, one) = (folder.read("all.mmd"), folder.read("some.mmd"), folder.read("one.mmd"))
    #expect(all.contains("r2") && all.hasPrefix(some.prefix(60)) && some.utf8.count < all.utf8.count)
    #expect(one.contains("as m") && one.contains("as r2") && !one.contains("as r\n") && one.contains(" of pings: "))
    #expect(folder.read("both.mmd").contains("as r\n") && !folder.read("both.mmd").contains("as r2"))
    let packets = try ["one", "all"].map { try Pcap.packets(in: Self.bytes(folder.path("\($0).pcap"))) }
    let ports = Set(packets[0].flatMap { [$0.source.port, $0.destination.port] })
    #expect(ports.count == 2 && packets[0].count < packets[1].count)
    for (line, words) in [
      ("export x.pcap fold", "nothing to fold"), ("export x.svg 90000-", "there is no step 90000"),
      ("export x.svg 'link 99'", "crossed link 99"), ("export x.svg nonsense", "does not understand"),
      ("export x.svg 9-3", "is no range"), ("export x.svg link", "needs a number"),
      ("export x.svg 1-2 3-4", "does not understand"),
    ] {
      let run = try Program.lab("start m --port 7000\nm PING\n\(line)\n")
      #expect(run.status == 2 && run.errors.contains(words), "\(line): \(run.errors)")
    }
  }

  @Test("An hour of pings is a picture of kilobytes, and fifty calls share one column") func sizes() throws {
    let folder = Folder()
    let run = try Program.lab(
      """
      start m --port 7000
      start r --port 7001 --replicaof "127.0.0.1 7000"
      advance 3600s
      export \(folder.path("hour.svg"))
      export \(folder.path("hour.md"))
      new
      start m --port 7000
      repeat 50 client c{i} m
      repeat 50 c{i} SET k {i}
      export \(folder.path("fifty.svg"))
      export \(folder.path("fifty.mmd"))

      """)
    #expect(run.status == 0, "\(run.errors)")
    for name in ["hour.svg", "hour.md"] {
      #expect(try Self.bytes(folder.path(name)).count < 30_000, "\(name)")
      #expect(folder.read(name).replacing("\n// ", with: " ").contains(" min "), "\(name)")
    }
    func size(_ name: String) -> [Int] { folder.read(name).prefix(200).split(separator: "\"").compactMap { Int($0) } }
    #expect(size("hour.svg")[1] < 2_000 && size("fifty.svg")[0] < 900, "\(size("hour.svg")), \(size("fifty.svg"))")
    #expect(folder.read("fifty.mmd").components(separatedBy: "participant").count - 1 == 2)
    #expect(folder.read("fifty.mmd").contains("p1->>p2: c2: SET k 2"))
  }

  @Test("A page's script is one that runs", .enabled(if: RealServer.find("node") != nil, "node is needed"))
  func script() throws {
    let html = try convert([Self.path("chain"), "--to", "html"]).output
    let scripts = html.components(separatedBy: "<script>").dropFirst().map {
      $0.components(separatedBy: "</script>")[0]
    }
    let folder = Folder()
    #expect(!scripts.isEmpty)
    folder.write("page.js", scripts.joined(separator: "\n"))
    #expect(try Program.run(RealServer.find("node") ?? "", ["--check", folder.path("page.js")]).status == 0)
  }

  @Test("export writes the same forms at the prompt, of a lab and of a recording") func export() throws {
    let folder = Folder()
    let endings = ["pcap", "pcapng", "tcpdump", "hex", "arrows", "md", "mmd", "svg", "html"]
    let exports = endings.map { "export \(folder.path("lab.\($0)"))\n" }.joined()
    let lab = try Program.lab(
      "start m --port 7000\nstart r --port 7001 --replicaof \"127.0.0.1 7000\"\nuntil r.link = connected\n" + exports)
    #expect(lab.status == 0, "\(lab.errors)")
    for ending in endings { #expect(try Self.bytes(folder.path("lab.\(ending)")).count > 200, "\(ending)") }
    #expect(
      folder.read("lab.html").contains("magic") && folder.read("lab.md").contains("## Transfer: r → m, connection 1"))
    let input = Self.path("chain")
    let recording = try Program.lab(
      "replay \(input)\ngoto end\nexport \(folder.path("r.svg"))\nexport \(folder.path("r.html"))\n")
    #expect(recording.status == 0, "\(recording.errors)")
    #expect(try folder.read("r.svg") == convert([input, "--to", "svg"]).output)
    #expect(try folder.read("r.html") == convert([input, "--to", "html"]).output)
  }
}
