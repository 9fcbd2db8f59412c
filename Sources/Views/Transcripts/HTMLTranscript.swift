import Redis

/// A transcript as one page that steps by itself: a message at a time, forward and back by keys and buttons, with its
/// arrow, what it means, and its bytes field by field. It needs nothing from elsewhere; without scripts it is a page to
/// read from top to bottom.
package struct HTMLTranscript: TranscriptView {
  private let title: String
  private var arrows = ArrowsView()
  private var count = 0
  private var remarks: [String] = []

  package init(title: String) { self.title = title }

  package var beginning: String {
    let title = Markup.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
      <title>\(title)</title>
      <style>
      \(Self.style)
      </style></head><body>
      <h1>\(title)</h1>
      <nav hidden><button id="first" title="Home">⇤ first</button> <button id="back" title="←">← back</button>
      <button id="on" title="→ or space">forward →</button> <button id="last" title="End">last ⇥</button>
      <input id="at" type="range" min="1" value="1" aria-label="message"> <output id="of"></output></nav>
      <div id="all"><ol id="list" hidden></ol><main>

      """
  }

  package mutating func text(of said: Said) -> String {
    count += 1
    let message = said.message
    let side = message.side == .opener ? "opener" : "acceptor"
    // What goes on in the line before it stands by itself here.
    let arrow = arrows.lines(of: said.delivery).map(\.text).drop { $0.isEmpty }.joined(separator: "\n")
    let place = Place.text(of: message).map { " · \($0)" } ?? ""
    var out = "<article id=\"m\(count)\" class=\"\(side)\(message.isFault ? " fault" : "")\">"
    out += "<h2>\(Markup.escaped("\(said.delivery.from.name) → \(said.delivery.to.name): \(message.title)"))</h2>\n"
    out += "<p class=\"where\">\(count) · \(said.time.clockText) · \(Markup.escaped(said.connection + place))</p>\n"
    for remark in remarks { out += "<p class=\"remark\">\(Markup.escaped(remark))</p>\n" }
    remarks = []
    out += "<pre class=\"arrow\">\(Markup.escaped(arrow))</pre>\n<p>\(Markup.escaped(said.meaning))</p>\n"
    if let field = said.field {
      let lines = FieldsView.lines(field).map(\.text).joined(separator: "\n")
      out += "<pre class=\"fields\">\(Markup.escaped(lines))</pre>\n"
    }
    return out + "</article>\n"
  }

  /// It stands with the message that follows it.
  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    remarks.append(remark)
    return ""
  }

  package mutating func end() -> String {
    let rest = remarks.map { "<p class=\"remark\">\(Markup.escaped($0))</p>\n" }.joined()
    return "</main></div>\n\(rest)<script>\n\(Self.script)\n</script></body></html>\n"
  }

  /// Who speaks is told by the names, and by where the bar stands: colours only repeat it.
  private static let style = """
    :root{color-scheme:light dark}
    body{font:16px/1.45 system-ui,sans-serif;margin:1em auto;max-width:76em;padding:0 1em}
    h1{font-size:1.3em}h2{font-size:1.1em;margin:.2em 0;overflow-wrap:anywhere}
    nav{position:sticky;top:0;padding:.4em 0;background:Canvas}nav button{font:inherit}nav input{vertical-align:middle}
    pre{font:13px/1.4 ui-monospace,Menlo,Consolas,monospace;overflow-x:auto}
    .arrow{font-weight:bold}.where,.remark{margin:.2em 0;opacity:.8;font-size:.9em}.remark{font-style:italic}
    article{padding:.4em 1em;margin:0 0 1em;border:0 solid #777}
    .opener{border-left-width:5px;border-color:#05729b}.acceptor{border-right-width:5px;border-color:#1a7f37}
    .fault{border-style:dashed;border-color:#b3261e}
    .steps #all{display:flex;gap:1em}.steps main{flex:1;min-width:0}.steps article{display:none}
    .steps article.now{display:block}
    #list{flex:0 0 19em;max-height:78vh;overflow:auto;margin:0;padding-left:3em;font-size:.85em}
    #list li{cursor:pointer;overflow-wrap:anywhere}#list .now{font-weight:bold;text-decoration:underline}
    @media(max-width:50em){.steps #all{display:block}#list{max-height:10em}}
    """

  private static let script = """
    const all=[...document.querySelectorAll('article')],by=i=>document.getElementById(i);
    const list=by('list'),at=by('at');let now=-1;
    for(const a of all){const l=document.createElement('li');l.textContent=a.querySelector('h2').textContent;
    const n=list.children.length;l.onclick=()=>go(n);list.append(l)}
    function go(n){n=Math.max(0,Math.min(all.length-1,n));if(n===now||!all.length)return;
    if(now>=0){all[now].classList.remove('now');list.children[now].classList.remove('now')}
    now=n;all[n].classList.add('now');list.children[n].classList.add('now');
    list.children[n].scrollIntoView({block:'nearest'});at.value=n+1;by('of').textContent=(n+1)+' of '+all.length;
    try{history.replaceState(null,'','#m'+(n+1))}catch{}}
    if(all.length){document.body.classList.add('steps');document.querySelector('nav').hidden=list.hidden=false;
    at.max=all.length;at.oninput=()=>go(at.value-1);by('first').onclick=()=>go(0);by('last').onclick=()=>go(all.length-1);
    by('back').onclick=()=>go(now-1);by('on').onclick=()=>go(now+1);
    addEventListener('keydown',e=>{if(e.ctrlKey||e.metaKey||e.altKey||e.target===at)return;
    if(e.key===' '&&e.target.tagName==='BUTTON')return;
    const to={ArrowRight:now+1,' ':now+1,n:now+1,ArrowLeft:now-1,b:now-1,Home:0,End:all.length-1}[e.key];
    if(to!==undefined){e.preventDefault();go(to)}});
    addEventListener('hashchange',()=>go(+location.hash.slice(2)-1));
    go((+location.hash.slice(2)||1)-1)}
    """
}
