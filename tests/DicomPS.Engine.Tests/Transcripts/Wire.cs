using System.Buffers.Binary;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>
/// Everything that went over one connection, in order, PDU by PDU; the arrows are those of the engine: --> it sends, &lt;-- it gets.
/// </summary>
internal sealed class Wire(string title, Normal normal)
{
    private readonly List<string> _lines = [];
    private readonly PduText _text = new(normal);
    private readonly List<byte> _sent = [], _got = [];

    /// <summary>Who opened the connection.</summary>
    public string Title => title;

    /// <summary>The lines; what is no whole PDU stands at their end.</summary>
    public List<string> Lines()
    {
        lock (_lines)
            return [.. _lines, .. Rest("-->", _sent), .. Rest("<--", _got)];
    }

    /// <summary>Takes bytes as they come.</summary>
    /// <param name="byPeer">Whether the peer sends them; otherwise the engine does.</param>
    /// <param name="bytes">The bytes.</param>
    public void Take(bool byPeer, byte[] bytes)
    {
        lock (_lines)
        {
            var pending = byPeer ? _got : _sent;
            pending.AddRange(bytes);
            while (pending.Count >= 6)
            {
                var length = 6 + (long)BinaryPrimitives.ReadUInt32BigEndian(pending.GetRange(2, 4).ToArray());
                if (length > pending.Count)
                    break;
                var pdu = pending.GetRange(0, (int)length).ToArray();
                pending.RemoveRange(0, (int)length);
                _lines.AddRange(_text.Lines(byPeer ? "<--" : "-->", pdu));
            }
        }
    }

    /// <summary>Writes down what is no bytes.</summary>
    public void Note(string what)
    {
        lock (_lines)
            _lines.Add($"--- {what}");
    }

    private static IEnumerable<string> Rest(string way, List<byte> bytes) =>
        bytes.Count == 0 ? [] : [$"{way} no whole PDU: {BitConverter.ToString([.. bytes]).Replace("-", "")}"];
}
