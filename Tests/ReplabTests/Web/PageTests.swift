import Foundation
import Lessons
import TestSupport
import Testing

/// The page in a real browser: what one clicks is what one could have typed, and what stands there is what the prompt says.
@Suite(
  "The page in a browser", .serialized, .enabled(if: Browser.isInstalled, "chromium and chromedriver are needed"))
struct PageTests {
  /// A master and its replica, a little before the full sync.
  private static let twoNodes = """
    start m --port 7000
    m SET titi toto
    start r --port 7001 --replicaof "127.0.0.1 7000" --repl-diskless-load on-empty-db

    """

  private func opened(_ page: PageProcess, _ browser: Browser) throws {
    try browser.open(page.address)
    try browser.wait("the page", for: "/moment \\d/.test(document.querySelector('#where').textContent)")
  }

  /// The number of the moment that the page says it shows.
  private func moment(_ browser: Browser) throws -> Int { try browser.number(Self.position) }
  private static let position =
    "Number((document.querySelector('#where').textContent.match(/moment (\\d+)/) || [])[1] ?? -1)"

  private func wait(for moment: Int, _ browser: Browser, at location: SourceLocation = #_sourceLocation) throws {
    try browser.wait(
      "moment \(moment)", for: "/moment \(moment)\\b/.test(document.querySelector('#where').textContent)", at: location)
  }

  /// The nodes of the moment at which the session is, as another page would be told of them.
  private static let nodes = """
    {
      const source = await openSource();
      await new Promise((resolve) => source.on("now", resolve));
      const scene = await source.scene(source.position);
      source.socket.close();
      return scene.nodes;
    }
    """

  /// Types a line at the page's prompt, and waits until all that it prints is there.
  private func type(_ line: String, _ browser: Browser) throws {
    try browser.value(
      """
      (() => {
        window.answered = false;
        window.page.source.on("now", () => { window.answered = true });
        document.querySelector("#line").focus();
      })()
      """)
    try browser.press(line + Browser.Key.enter)
    try browser.wait(
      "what \(line) printed",
      for: "window.answered && document.querySelector('#printed').textContent.includes(\(Browser.quoted(line)))")
  }

  @Test("From nothing: nodes are started at the page's prompt, stepped by button and key, and gone back") func steps()
    throws
  {
    let (page, browser) = (try PageProcess(), try Browser())
    try opened(page, browser)
    try type("start m --port 7000", browser)
    try type("start r --port 7001 --replicaof \"127.0.0.1 7000\"", browser)
    try wait(for: 2, browser)
    #expect(try browser.number("document.querySelectorAll('[data-node]').length") == 2)
    // A step goes on to the next message; what is not worth showing lies between.
    try browser.click("#step")
    try browser.wait("a step", for: "\(Self.position) > 2")
    let first = try moment(browser)
    try browser.value("document.activeElement.blur()")
    try browser.press(Browser.Key.right)
    try browser.wait("another", for: "\(Self.position) > \(first)")
    let second = try moment(browser)
    try browser.press(Browser.Key.left)
    try wait(for: first, browser)
    try browser.click("#back")
    try browser.wait("back again", for: "\(Self.position) < \(first)")
    try browser.press(Browser.Key.end)
    try wait(for: second, browser)
    try browser.press(Browser.Key.home)
    try wait(for: 0, browser)
    try type("until r.link = connected", browser)
    try browser.wait(
      "the replica's state", for: "document.querySelector('[data-node=r]').textContent.includes('connected')")
    // Each click stands there as the line that one could have typed.
    let printed = try browser.text("#printed")
    for line in ["step", "back", "goto \(second)", "goto 0"] { #expect(printed.contains(line), "\(line)") }
  }

  @Test("A click on a node, on a link, on a message offers lines, which are run: kill, cut, choose") func clicks()
    throws
  {
    let (page, browser) = (
      try PageProcess(script: Self.twoNodes + "until r.state = receive_psync_reply\n"), try Browser()
    )
    try opened(page, browser)
    func choose(_ line: String) throws {
      try browser.wait("a menu", for: "!document.querySelector('#menu').hidden")
      let item =
        "[...document.querySelectorAll('#menu button')].find((each) => each.textContent.startsWith(\(Browser.quoted(line))))"
      try browser.wait("\(line) in the menu", for: item)
      try browser.value("\(item).setAttribute('id', 'chosen')")
      try browser.click("#chosen")
      try browser.wait(
        "\(line) in the prompt", for: "document.querySelector('#printed').textContent.includes(\(Browser.quoted(line)))"
      )
    }
    let before = try moment(browser)
    try browser.click("[data-menu=flight]")
    try choose("choose ")
    try wait(for: before + 1, browser)
    try browser.click("[data-node=r] .box")
    try choose("pause r")
    try browser.wait("r stands still", for: "document.querySelector('[data-node=r]').textContent.includes('paused')")
    try browser.click("[data-node=r] .box")
    try choose("resume r")
    try browser.value(
      "document.querySelector('[data-menu=edge][data-edge]').dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: 300, clientY: 300 }))"
    )
    try choose("cut ")
    try browser.click("[data-node=m] .box")
    try choose("kill m")
    try browser.wait(
      "m is dead", for: "document.querySelector('[data-node=m]').getAttribute('class').includes('life-killed')")
    try browser.wait("it is said in words", for: "/killed/.test(document.querySelector('#sentence').textContent)")
  }

  @Test("What the prompt answers to why is what the pane shows, be it about another step") func why() throws {
    let script = Self.twoNodes + "until r.link = connected\nadvance 5s\n"
    let (page, browser) = (try PageProcess(script: script), try Browser())
    try opened(page, browser)
    let text = "document.querySelector('#why-body').textContent"
    let answer = "begins to send r the stream"
    #expect(try browser.value("\(text).includes(\(Browser.quoted(answer)))") as? Bool == false)
    try type("why m", browser)
    try browser.wait("the answer in its pane", for: "\(text).replace(/\\s+/g, ' ').includes(\(Browser.quoted(answer)))")
    #expect(try browser.value("!!document.querySelector('#why-body').offsetParent") as? Bool == true)
    // It is about the moment at which it was asked.
    try type("step", browser)
    try browser.wait("another moment", for: "!\(text).includes('why m')")
  }

  @Test("A field lights its bytes, and a byte its field; the meaning stands below") func fields() throws {
    let (page, browser) = (try PageProcess(script: Self.twoNodes + "until r.keys = 1\n"), try Browser())
    try opened(page, browser)
    try browser.value("document.activeElement.blur()")
    try browser.press("3")
    try browser.wait("the snapshot's fields", for: "document.querySelectorAll('#fields [role=treeitem]').length > 1")
    try browser.wait("the message's name", for: "document.querySelector('#bytes-tools').textContent.includes('EOF')")
    try browser.value(
      "[...document.querySelectorAll('#bytes-tools button')].find((each) => each.textContent.includes('snapshot')).click()"
    )
    try browser.wait(
      "the snapshot", for: "document.querySelector('#fields').textContent.includes('the beginning of a snapshot')")
    let lit = "[...document.querySelectorAll('#hex .lit')].map((each) => each.textContent).join(' ')"
    try browser.value("[...document.querySelectorAll(`#fields [aria-level='2']`)][0].firstElementChild.click()")
    try browser.wait("what is in the header", for: "document.querySelector('#fields').textContent.includes('magic')")
    try browser.value(
      "[...document.querySelectorAll('#fields [role=treeitem]')].find((each) => /^.?magic/.test(each.firstChild.textContent)).focus()"
    )
    try browser.wait("the magic's bytes", for: "\(lit).startsWith('52 45 44 49 53')")
    #expect(try browser.text("#bytes-meaning").contains("REDIS"))
    // And the other way: from the first byte of the version to its field.
    try browser.value(
      "[...document.querySelectorAll('#hex .lit')].at(-1).previousSibling && [...document.querySelectorAll('#hex *')].filter((each) => each.textContent === '30')[0].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))"
    )
    try browser.wait(
      "the version's field", for: "document.querySelector('#bytes-meaning').textContent.includes('version')")
  }

  @Test("The slider looks at moments without moving the session, lets go at one, and another deed there is a branch")
  func slider() throws {
    let (page, browser) = (try PageProcess(script: Self.twoNodes + "until r.link = connected\n"), try Browser())
    try opened(page, browser)
    let end = try moment(browser)
    try browser.value(
      "(() => { const it = document.querySelector('#moment'); it.value = 20; it.dispatchEvent(new Event('input', { bubbles: true })) })()"
    )
    try browser.wait("a look at moment 20", for: "/moment 20\\b/.test(document.querySelector('#where').textContent)")
    #expect(try !browser.text("#printed").contains("goto 20"))
    try browser.value("document.querySelector('#moment').dispatchEvent(new Event('change', { bubbles: true }))")
    try browser.wait("goto 20", for: "document.querySelector('#printed').textContent.includes('goto 20')")
    try type("kill r", browser)
    try wait(for: 21, browser)
    try browser.wait("two branches", for: "document.querySelector('#branches').textContent.includes('2')")
    try type("branch 1", browser)
    try wait(for: 20, browser)
    try browser.value("document.activeElement.blur()")
    try browser.press(Browser.Key.end)
    try wait(for: end, browser)
  }

  @Test(
    "A lesson stands beside the picture, from nothing to its end: commands are run, questions answered, wrong ones told"
  )
  func lesson() throws {
    let (page, browser) = (try PageProcess(["--lesson", "3"]), try Browser())
    try opened(page, browser)
    try browser.wait("the lesson", for: "!document.querySelector('#lesson').hidden")
    // As the lesson has them; what is computed there is said here.
    var answers = try Lesson(String(contentsOfFile: "\(Program.root)/lessons/03-the-full-sync.md", encoding: .utf8))
      .parts.compactMap { part -> String? in
        guard case .question(let question) = part.task else { return nil }
        if case .given(let answers) = question.key { return answers.first }
        return "66"
      }
    let count = answers.count
    var isWrongTried = false
    func printed() throws -> Int { try browser.number("document.querySelector('#printed').textContent.length") }
    func isDone() throws -> Bool {
      try browser.value("document.querySelector('#lesson-want').textContent.includes('The lesson is done')") as? Bool
        == true
    }
    for _ in 0..<80 where try !isDone() {
      try browser.wait(
        "a task", for: "document.querySelector('#lesson-want :is(button.main:not([aria-busy]), button.next)')")
      if try isDone() { break }
      let before = try printed()
      if try browser.value("!!document.querySelector('#lesson-want input')") as? Bool == true {
        let answer = answers.removeFirst()
        let isChoice = try browser.value("!!document.querySelector('#lesson-want input[type=radio]')") as? Bool == true
        if isChoice, !isWrongTried {
          isWrongTried = true
          try browser.click("#lesson-want input[value=\(answer == "a" ? "b" : "a")]")
          try browser.click("#lesson-want button.main")
          try browser.wait(
            "what is wrong", for: "document.body.textContent.includes('That is not it')")
        }
        if isChoice {
          try browser.click("#lesson-want input[value=\(answer)]")
        } else {
          try browser.click("#lesson-want input")
          try browser.press(answer)
        }
        let asked = try browser.text("#lesson-want")
        try browser.click("#lesson-want button.main")
        try browser.wait(
          "that \(answer) is right",
          for: "document.querySelector('#lesson-want').textContent !== \(Browser.quoted(asked))")
      } else {
        try browser.click("#lesson-want button.main")
        try browser.wait("what it printed", for: "document.querySelector('#printed').textContent.length > \(before)")
      }
    }
    #expect(try isDone())
    #expect(answers.isEmpty && count >= 5)
    // The next one is a click away.
    try browser.click("#lesson-want button.next")
    try browser.wait(
      "the next lesson", for: "!document.querySelector('#lesson-want').textContent.includes('The lesson is done')")
    #expect(try browser.text("#lesson-body").contains("A write on its way"))
  }

  @Test("By keyboard alone: from the tools to a node's menu, a field of the bytes, another moment, and the prompt")
  func keyboard() throws {
    let (page, browser) = (try PageProcess(script: Self.twoNodes + "until r.keys = 1\n"), try Browser())
    try opened(page, browser)
    let end = try moment(browser)
    /// Goes on with Tab until something has the focus.
    func tab(to selector: String) throws {
      for _ in 0..<80 {
        if try browser.value("document.activeElement.matches(\(Browser.quoted(selector)))") as? Bool == true { return }
        try browser.press(Browser.Key.tab)
      }
      Issue.record("Tab does not come to \(selector)")
    }
    try tab(to: "#large")
    try browser.press(Browser.Key.enter)
    #expect(try browser.value("document.querySelector('#large').getAttribute('aria-pressed')") as? String == "true")
    try browser.press(Browser.Key.enter)
    try tab(to: "[data-node=r]")
    try browser.press(Browser.Key.enter)
    try browser.wait(
      "its menu", for: "!document.querySelector('#menu').hidden && document.activeElement.closest('#menu')")
    try browser.press(Browser.Key.down + Browser.Key.down + Browser.Key.enter)
    try browser.wait(
      "the second line but one", for: "document.querySelector('#printed').textContent.includes('pause r')")
    try browser.value("document.activeElement.blur()")
    try browser.press(Browser.Key.left)
    try wait(for: end, browser)
    try browser.press("3")
    try tab(to: "#fields [role=treeitem]")
    try browser.press(Browser.Key.down)
    try browser.wait("a field's meaning", for: "document.querySelector('#bytes-meaning').textContent.length > 3")
    #expect(try browser.value("document.activeElement.getAttribute('role')") as? String == "treeitem")
    try browser.press("/")
    try browser.wait("the prompt", for: "document.activeElement.id === 'line'")
    try browser.press("print r.ke" + Browser.Key.tab)
    try browser.wait("what Tab completes", for: "document.querySelector('#line').value.startsWith('print r.keys')")
    try browser.press(Browser.Key.enter)
    try browser.wait("its value", for: "document.querySelector('#printed').textContent.includes('print r.keys')")
    try browser.press(Browser.Key.up)
    try browser.wait("the line again", for: "document.querySelector('#line').value.startsWith('print r.keys')")
    try browser.press(Browser.Key.escape)
    #expect(try browser.value("document.activeElement.id !== 'line'") as? Bool == true)
  }

  /// The accessibility checker of that name, where somebody has put it: it is no package of Debian's, but in several of PyPI's.
  private static let axe = ProcessInfo.processInfo.environment["REPLAB_AXE"].flatMap {
    try? String(contentsOfFile: $0, encoding: .utf8)
  }

  @Test(
    "axe finds no serious fault, at a desk and on a phone", .enabled(if: axe != nil, "REPLAB_AXE names axe.min.js"),
    arguments: [390, 1280])
  func accessibility(width: Int) throws {
    let (page, browser) = (try PageProcess(["--lesson", "1"]), try Browser())
    try browser.resize(width, 844)
    try opened(page, browser)
    let faults = try browser.awaited(
      """
      {
        \(try #require(Self.axe))
        const found = await axe.run(document);
        return found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
          .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`);
      }
      """)
    #expect((faults as? [String])?.isEmpty == true, "\(faults ?? "")")
  }

  @Test("A recording is shown as far as the wire tells; there is nothing in it to kill") func recording() throws {
    let (page, browser) = (
      try PageProcess(["transcripts/failover.pcap"].map { "\(Program.root)/\($0)" }), try Browser()
    )
    try opened(page, browser)
    try browser.value("document.activeElement.blur()")
    try browser.press(Browser.Key.end)
    try browser.wait("its end", for: "document.querySelectorAll('[data-node]').length === 3")
    #expect(try browser.text("#title").contains("failover.pcap"))
    try type("kill master", browser)
    try browser.wait("the refusal", for: "document.querySelector('#printed').textContent.includes('recording')")
  }

  @Test("Two pages look at one session: what one does shows in the other, and one of them drives") func twoPages()
    throws
  {
    let (page, browser) = (try PageProcess(script: Self.twoNodes), try Browser())
    try opened(page, browser)
    let first = try #require(browser.windows().first)
    try browser.openWindow()
    let second = try #require(browser.windows().last)
    try opened(page, browser)
    let start = try moment(browser)
    try browser.turn(to: first)
    try type("step", browser)
    try browser.wait("a step", for: "\(Self.position) > \(start)")
    let next = try moment(browser)
    try browser.turn(to: second)
    try wait(for: next, browser)
    #expect(try browser.value("document.querySelector('#drive').hidden") as? Bool == false)
    try browser.click("#drive")
    try browser.wait("the wheel", for: "document.querySelector('#drive').hidden")
    try type("step", browser)
    try browser.turn(to: first)
    try browser.wait("what the other did", for: "\(Self.position) > \(next)")
    #expect(try browser.value("document.querySelector('#drive').hidden") as? Bool == false)
  }

  @Test("Nothing runs out of the page, be it as wide as a phone or as a wall", arguments: [390, 1280, 3840])
  func widths(width: Int) throws {
    let (page, browser) = (try PageProcess(script: Self.twoNodes + "until r.link = connected\n"), try Browser())
    try browser.resize(width, 844)
    try opened(page, browser)
    let room = try browser.number("innerWidth")
    #expect(try browser.number("document.scrollingElement.scrollWidth") <= room)
    try browser.wait("both nodes", for: "document.querySelectorAll('[data-node]').length === 2")
    let outside = try browser.value(
      "[...document.querySelectorAll('button, input, [data-node]')].filter((each) => { const box = each.getBoundingClientRect(); return box.width && (box.left < -1 || box.right > innerWidth + 1) }).map((each) => each.outerHTML.slice(0, 120))"
    )
    #expect((outside as? [Any])?.isEmpty == true, "\(outside ?? "")")
  }

  @Test("What nodes say is text, whatever it says: markup, bytes that are no text, ten million of them") func hostile()
    throws
  {
    let script = """
      start m --port 7000 --proto-max-bulk-len 20mb --enable-debug-command yes
      m CLIENT SETNAME "<b>name</b>"
      m DEBUG LOG "<img src=x onerror=window.broken=1>"
      m SET "<script>window.broken=1</script>" "<img src=x onerror=window.broken=1>"
      m SET "\\xff\\xfe</script>" "\\x00\\x1b[31m"
      m SETRANGE long 10000000 x
      m GET long
      m ECHO "<b>bold</b>"

      """
    let (page, browser) = (try PageProcess(script: script), try Browser())
    try opened(page, browser)
    try type("m GET '<script>window.broken=1</script>'", browser)
    try browser.wait(
      "the value as text",
      for: "document.querySelector('#printed').textContent.includes('<img src=x onerror=window.broken=1>')")
    #expect(try browser.value("window.broken === undefined && !document.querySelector('img')") as? Bool == true)
    #expect(try browser.number("document.querySelectorAll('script:not([src])').length") == 0)
    try browser.value("document.activeElement.blur()")
    try browser.press("3")
    for moment in 1...8 {
      try type("goto \(moment)", browser)
      try wait(for: moment, browser)
    }
    try browser.wait("the bytes of <b>", for: "document.querySelector('#sentence').textContent.includes('<b>bold</b>')")
    #expect(try browser.value("!document.querySelector('#sentence b b, #sequence b')") as? Bool == true)
    try browser.value("document.activeElement.blur()")
    try browser.press("4")
    try browser.click("#why-logs")
    try browser.wait(
      "the log as text", for: "document.querySelector('#why-body').textContent.includes('<img src=x onerror=')")
    #expect(try browser.value("window.broken === undefined && !document.querySelector('img')") as? Bool == true)
    // The page of a file is as safe.
    let folder = Folder()
    let run = try Program.lab(script + "export \(folder.path("x.html"))\n")
    #expect(run.status == 0, "\(run.errors)")
    try browser.open("file://\(folder.path("x.html"))")
    try browser.wait("the file's page", for: "/moment \\d/.test(document.querySelector('#where').textContent)")
    #expect(try browser.value("window.broken === undefined && !document.querySelector('img')") as? Bool == true)
  }

  @Test("Over random sessions the page shows what the prompt prints", arguments: 1...3) func same(seed: Int) throws {
    var random = TestRandom(seed: UInt64(seed))
    var lines = Self.twoNodes.split(separator: "\n").map(String.init)
    lines.append("start s --port 7002 --replicaof \"127.0.0.1 700\(random.next() % 2)\"")
    for number in 0..<25 {
      let node = ["m", "r", "s"].randomElement(using: &random)!
      lines.append(
        [
          "m SET key:\(number) \(number)", "advance 1s", "step", "next", "back", "\(node) INFO replication",
          "repeat 3 m INCR n", "partition m r", "heal", "pause r", "resume r", "goto 10", "continue",
        ].randomElement(using: &random)!)
    }
    let facts = ["role", "offset", "keys", "state"]
    let questions = ["m", "r", "s"].flatMap { node in facts.map { "print \(node).\($0)" } }
    // The prompt goes on after a complaint, a script would not.
    let (page, browser) = (try PageProcess(), try Browser())
    try opened(page, browser)
    for line in lines { try type(line, browser) }
    var told: [String] = []
    for question in questions {
      try type(question, browser)
      told.append(
        try browser.value("document.querySelector('#printed').innerText.trim().split('\\n').at(-1).trim()") as? String
          ?? "")
    }
    let scene = try #require(try browser.awaited(Self.nodes) as? [[String: Any]])
    for (index, question) in questions.enumerated() {
      let (name, fact) = (["m", "r", "s"][index / facts.count], facts[index % facts.count])
      let node = scene.first { $0["name"] as? String == name }
      let shown = node?[fact].map { "\($0)" } ?? "none"
      #expect(shown == told[index], "\(question)")
      guard let value = node?[fact], fact != "state" else { continue }
      let card =
        try browser.value(
          "document.querySelector('[data-node=\(name)]').textContent.replaceAll(',', '').replaceAll('\\u202f', '')")
        as? String ?? ""
      #expect(card.contains("\(value)"), "\(question): \(card)")
    }
  }
}
