using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>
/// PDUs of one association as lines: type and length, then every field, item, element and fragment, so that no byte changes unseen.
/// </summary>
internal sealed class PduText(Normal normal)
{
    private static readonly string[] Names =
        ["", "A-ASSOCIATE-RQ", "A-ASSOCIATE-AC", "A-ASSOCIATE-RJ", "P-DATA-TF", "A-RELEASE-RQ", "A-RELEASE-RP", "A-ABORT"];

    private readonly Dictionary<byte, string> _syntaxes = [];
    private readonly HashSet<(string Way, byte Context)> _inside = [];
    private readonly ElementText _elements = new(normal);

    /// <summary>A whole PDU.</summary>
    /// <param name="way">The arrow before its first line.</param>
    /// <param name="pdu">The PDU with its header.</param>
    public List<string> Lines(string way, byte[] pdu)
    {
        var type = pdu[0];
        var name = type < Names.Length && type > 0 ? Names[type] : "unknown PDU";
        var varies = false;
        var inner = type switch
        {
            1 or 2 => Association(pdu, ref varies),
            4 => Data(way, pdu, ref varies),
            _ => [$"  {Hex(pdu, 6, pdu.Length)}"],
        };
        return [$"{way} {name}, type {Hex(pdu, 0, 2)}, {(varies ? "varies" : $"{pdu.Length - 6} bytes")}", .. inner];
    }

    // PS3.8 9.3.2 and 9.3.3: a fixed part, then items.
    private List<string> Association(byte[] pdu, ref bool varies)
    {
        if (pdu.Length < 74)
            return [$"  {Hex(pdu, 6, pdu.Length)}"];
        var lines = new List<string>
        {
            $"  version {Hex(pdu, 6, 8)}, reserved {Hex(pdu, 8, 10)}",
            $"  called {_elements.Value(pdu[10..26])}",
            $"  calling {_elements.Value(pdu[26..42])}",
            pdu.Skip(42).Take(32).All(b => b == 0) ? "  reserved 32 zeros" : $"  reserved {Hex(pdu, 42, 74)}",
        };
        lines.AddRange(Items(pdu, 74, pdu.Length, "  ", ref varies));
        return lines;
    }

    // C-GET proposes a hundred classes: of a run of alike items the first ones are written out, the others are a number for their bytes.
    private const int MostAlike = 4;

    private List<string> Items(byte[] pdu, int at, int end, string indent, ref bool varies)
    {
        var lines = new List<string>();
        var (alike, last, rest) = (0, -1, new List<byte>());
        void Sum()
        {
            if (rest.Count > 0)
                lines.Add(
                    $"{indent}{alike - MostAlike} more of {last:X2}, {rest.Count} bytes, "
                    + $"SHA-256 {Hex(SHA256.HashData(rest.ToArray()), 0, 32)}");
            rest.Clear();
        }

        while (at < end)
        {
            if (pdu[at] != last)
            {
                Sum();
                (alike, last) = (0, pdu[at]);
            }

            var length = end - at < 4 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(pdu.AsSpan(at + 2));
            if (length > end - at - 4)
            {
                lines.Add($"{indent}{Hex(pdu, at, end)}");
                break;
            }

            var type = pdu[at];
            var from = at + 4;
            at = from + length;
            var isVarying = false;
            // PS3.8 9.3.2.2, 9.3.3.2 and 9.3.2.3: contexts have an id and three bytes before their items, user information has items only.
            var inner = type switch
            {
                0x20 or 0x21 when length >= 4 => [$"{indent}  {Hex(pdu, from, from + 4)}",
                    .. Items(pdu, from + 4, at, indent + "  ", ref isVarying)],
                0x50 => Items(pdu, from, at, indent + "  ", ref isVarying),
                _ => [],
            };
            if (type == 0x21 && length > 8)
                _syntaxes[pdu[from]] = Encoding.ASCII.GetString(pdu, from + 8, at - from - 8).TrimEnd('\0', ' ');
            var value = inner.Count > 0 || length == 0 ? "" : $" {_elements.Value(pdu[from..at])}";
            isVarying |= inner.Count == 0 && normal.IsMade(Encoding.ASCII.GetString(pdu, from, length));
            varies |= isVarying;
            if (++alike > MostAlike)
            {
                rest.AddRange(pdu[(from - 4)..at]);
                continue;
            }

            lines.Add($"{indent}item {Hex(pdu, from - 4, from - 2)} {(isVarying ? "varies" : $"{length}")}{value}");
            lines.AddRange(inner);
        }

        Sum();
        return lines;
    }

    // PS3.8 9.3.5.1: length, context, message control header, fragment.
    private List<string> Data(string way, byte[] pdu, ref bool varies)
    {
        var lines = new List<string>();
        for (var at = 6; at < pdu.Length;)
        {
            var length = pdu.Length - at < 6 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(pdu.AsSpan(at));
            if (length < 2 || length > pdu.Length - at - 4)
            {
                lines.Add($"  {Hex(pdu, at, pdu.Length)}");
                break;
            }

            var (context, control) = (pdu[at + 4], pdu[at + 5]);
            var fragment = pdu[(at + 6)..(at + 4 + (int)length)];
            at += 4 + (int)length;
            // A part of a command or dataset is no whole number of elements.
            var isWhole = !_inside.Contains((way, context)) && (control & 2) != 0;
            _ = (control & 2) != 0 ? _inside.Remove((way, context)) : _inside.Add((way, context));
            var isExplicit = (control & 1) == 0 && _syntaxes.TryGetValue(context, out var syntax) && syntax != Uids.ImplicitVRLittleEndian;
            var isVarying = false;
            var inner = new List<string>();
            if (isWhole)
            {
                inner = _elements.Lines(fragment, isExplicit);
                isVarying = _elements.Varies;
            }
            else
            {
                for (var i = 0; i < fragment.Length; i += 32)
                    inner.Add(Hex(fragment, i, Math.Min(i + 32, fragment.Length)));
            }

            varies |= isVarying;
            var what = $"{((control & 1) != 0 ? "command" : "dataset")}{((control & 2) != 0 ? ", last" : "")}";
            lines.Add($"  pdv {(isVarying ? "varies" : $"{length}")}, context {context}, control {control:X2} ({what})");
            lines.AddRange(inner.Select(line => $"    {line}"));
        }

        return lines;
    }

    private static string Hex(byte[] bytes, int from, int to) => BitConverter.ToString(bytes, from, to - from).Replace("-", "");
}
