namespace DicomPS.Transfers.Reporting;

/// <summary>What a report looks like: light, dark and printed, without a script and without anything from elsewhere.</summary>
internal static class ReportStyle
{
    /// <summary>What a browser may load: nothing. Styles are in the file.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'";

    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --back: #fff; --card: #f6f8fa;
          --good: #1a7f37; --bad: #cf222e; --doubt: #9a6700; --bar: #0969da; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9198a1; --line: #3d444d; --back: #0d1117; --card: #151b23;
          --good: #3fb950; --bad: #f85149; --doubt: #d29922; --bar: #4493f8; } }
        * { box-sizing: border-box; }
        body { margin: 2rem auto; max-width: 72rem; padding: 0 1.5rem; background: var(--back); color: var(--text);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
        p { margin: .3rem 0; } .soft { color: var(--soft); }
        .verdict { margin: 1rem 0; padding: .7rem 1rem; border-left: .35rem solid var(--doubt); background: var(--card); font-weight: 600; }
        .verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
        .cards { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .9rem; min-width: 7rem; }
        .card b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; font-size: .88rem; }
        th { text-align: left; color: var(--soft); font-weight: 600; }
        th, td { padding: .28rem .6rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.d { white-space: nowrap; }
        .good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
        .verdict.good, .verdict.bad { color: inherit; }
        svg { display: block; width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; }
        .bar { fill: var(--bar); } .c0 { fill: var(--bad); } .c1 { fill: var(--doubt); } .c2 { fill: var(--good); }
        .none { fill: var(--line); opacity: .45; }
        @media print { :root { color-scheme: light; --text: #000; --soft: #444; --line: #bbb; --back: #fff; --card: #fff;
            --good: #1a7f37; --bad: #b00; --doubt: #9a6700; --bar: #225; }
          body { margin: 0; max-width: none; font-size: 11px; } h2 { break-after: avoid; } tr, .card, svg { break-inside: avoid; }
          thead { display: table-header-group; } svg, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
        """;
}
