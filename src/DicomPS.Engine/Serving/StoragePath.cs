using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Serving;

/// <summary>
/// A layout template such as <c>{PatientID}/{StudyDate}/{SOPInstanceUID}.dcm</c>, and the path inside a folder that it
/// gives an instance. What stands in braces is a keyword of the dictionary, with zeros behind a colon for the digits of a
/// number (<c>{InstanceNumber:0000}</c>), or CallingAETitle or CalledAETitle. Values
/// are made safe for every file system, so a hostile PatientID cannot leave the folder, and two values that would
/// fall together stay apart.
/// </summary>
internal sealed class StoragePath
{
    private const int LongestSegment = 100;
    private const int MostDigits = 12;

    private static readonly Dictionary<string, string> Layouts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Patient"] = "{PatientID}/{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}.dcm",
        ["Study"] = "{StudyInstanceUID}/{SOPInstanceUID}.dcm",
        ["Series"] = "{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}.dcm",
        ["Flat"] = "{SOPInstanceUID}.dcm",
    };

    private static readonly HashSet<string> ReservedNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    };

    private readonly Part[][] _segments;

    private StoragePath(string template, Part[][] segments)
    {
        Template = template;
        _segments = segments;
        var last = segments.SelectMany(s => s).Where(p => p.Tag is { }).Max(p => p.Tag!.Value.Value);
        LastTag = new DicomTag((ushort)(last >> 16), (ushort)last);
    }

    /// <summary>The names that stand for whole templates: Patient, Study, Series, Flat.</summary>
    public static IReadOnlyList<string> LayoutNames { get; } = ["Patient", "Study", "Series", "Flat"];

    /// <summary>The template, with a layout's name replaced by what it stands for.</summary>
    public string Template { get; }

    /// <summary>The highest tag that the template needs; an instance's header must be read up to it, itself included.</summary>
    public DicomTag LastTag { get; }

    /// <summary>Reads a template or a layout's name.</summary>
    /// <param name="template">Such as <c>Study</c> or <c>{PatientID}/{SOPInstanceUID}.dcm</c>.</param>
    /// <exception cref="ArgumentException">A keyword is unknown, a brace is open, {SOPInstanceUID} is missing or the template leaves
    /// the folder.</exception>
    public static StoragePath Parse(string template)
    {
        if (string.IsNullOrWhiteSpace(template))
            throw new ArgumentException("The layout is empty.", nameof(template));
        if (Layouts.TryGetValue(template.Trim(), out var known))
            template = known;
        if (template.IndexOf('{') < 0)
            throw new ArgumentException(
                $"There is no layout named '{template}'. Choose {string.Join(", ", LayoutNames)}, or write a template such as "
                + $"{Layouts["Patient"]}.", nameof(template));

        var segments = template.Split('/', '\\').Select(ParseSegment).ToArray();
        if (!segments.SelectMany(s => s).Any(p => p.Tag == Tags.SOPInstanceUID))
            throw new ArgumentException($"The layout '{template}' has no {{SOPInstanceUID}}: instances would overwrite each other.",
                nameof(template));
        return new StoragePath(template, segments);
    }

    /// <summary>The full path of an instance.</summary>
    /// <param name="folder">The folder that it stays in.</param>
    /// <param name="header">The instance's first elements.</param>
    /// <param name="callingAETitle">Who sent it.</param>
    /// <param name="calledAETitle">Whom it was sent to.</param>
    /// <exception cref="DicomException">The path would leave the folder.</exception>
    public string Resolve(string folder, DicomDataset header, string? callingAETitle = null, string? calledAETitle = null)
    {
        var root = Path.GetFullPath(folder);
        var path = root;
        foreach (var segment in _segments)
        {
            var text = new StringBuilder();
            foreach (var part in segment)
            {
                text.Append(part.Tag is { } tag ? Safe(Padded(header.GetText(tag), part.Digits), part.Text, header.Find(tag) as DicomValue)
                    : part.IsKeyword ? Safe(part.Text == "CallingAETitle" ? callingAETitle : calledAETitle, part.Text)
                    : part.Text);
            }

            path = Path.Combine(path, SafeWhole(text.ToString()));
        }

        path = Path.GetFullPath(path);
        var prefix = root[^1] == Path.DirectorySeparatorChar ? root : root + Path.DirectorySeparatorChar;
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
            throw new DicomException($"The path for the instance leaves the folder {root}.") { Stage = DicomStage.File };
        return path;
    }

    /// <summary>
    /// The folder that holds one study alone, from the path of one of its instances; null when the template gives it none.
    /// </summary>
    /// <param name="path">The path that <see cref="Resolve"/> gave.</param>
    public string? StudyFolder(string path)
    {
        var above = _segments.Length - 1 - Array.FindIndex(_segments, 0, _segments.Length - 1,
            segment => segment.Any(part => part.Tag == Tags.StudyInstanceUID));
        // Nothing found is at -1, as many steps up as there are segments.
        if (above == _segments.Length)
            return null;
        for (; above > 0; above--)
            path = Path.GetDirectoryName(path)!;
        return path;
    }

    private static Part[] ParseSegment(string segment)
    {
        var parts = new List<Part>();
        for (var at = 0; at < segment.Length;)
        {
            var open = segment.IndexOf('{', at);
            if (open != at)
            {
                var literal = open < 0 ? segment[at..] : segment[at..open];
                if (literal.IndexOfAny(['}', ':', '*', '?', '"', '<', '>', '|']) >= 0 || literal.Any(c => c < ' '))
                    throw new ArgumentException($"The layout has a character in '{literal}' that file names must not have.");
                parts.Add(new Part(literal, null, false));
                at += literal.Length;
                continue;
            }

            var close = segment.IndexOf('}', at);
            if (close < 0)
                throw new ArgumentException($"The brace in '{segment}' is not closed.");
            parts.Add(ParseKeyword(segment[(at + 1)..close].Trim()));
            at = close + 1;
        }

        if (parts.Count == 0 || (parts.Count == 1 && parts[0].Text.Trim() is "." or ".." or "" && !parts[0].IsKeyword))
            throw new ArgumentException(
                "The layout has an empty, '.' or '..' folder name, or starts at the root. Write it relative to the storage folder.");
        return [.. parts];
    }

    private static Part ParseKeyword(string written)
    {
        var colon = written.IndexOf(':');
        var keyword = colon < 0 ? written : written[..colon].TrimEnd();
        var part = ParseName(keyword);
        if (colon < 0)
            return part;
        // 0000 as .NET writes it, so that files stand in the order of their numbers.
        var format = written[(colon + 1)..].Trim();
        if (format.Length is 0 or > MostDigits || format.Any(c => c != '0'))
            throw new ArgumentException(
                $"'{format}' in '{{{written}}}' is no format. Write as many zeros as the number has digits, as in "
                + $"{{InstanceNumber:0000}}.");
        if (part.Tag is not { } tag || DicomDictionary.VrOf(tag) != Vr.IS)
            throw new ArgumentException(
                $"'{{{written}}}' has digits for what is no number. Numbers are InstanceNumber, SeriesNumber and others of the VR IS.");
        return part with { Digits = format.Length };
    }

    // What is no number stays as it is.
    private static string? Padded(string? value, int digits) =>
        digits > 0 && long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number.ToString($"D{digits}", CultureInfo.InvariantCulture) : value;

    private static Part ParseName(string keyword)
    {
        if (keyword is "CallingAETitle" or "CalledAETitle")
            return new Part(keyword, null, true);
        var entry = DicomDictionary.Find(keyword)
            ?? throw new ArgumentException(
                $"'{{{keyword}}}' is no keyword of the DICOM dictionary. Write it as in {{PatientID}} or {{StudyDate}}.");
        if (entry.Tag.CompareTo(new DicomTag(0x0040, 0)) >= 0 || entry.Tag.Group < 8 || !entry.Vr.IsString())
            throw new ArgumentException(
                $"'{{{keyword}}}' cannot name a file: only text elements of groups 0008 to 003F can, because they come before the pixels.");
        return new Part(keyword, entry.Tag, true);
    }

    // What a value becomes between two separators. Whatever is changed gets a mark of the original, so that
    // 'A/B' and 'A:B' do not fall into one folder.
    private static string Safe(string? value, string keyword, DicomValue? source = null)
    {
        value = value?.Trim(' ', '\0');
        if (string.IsNullOrEmpty(value))
            return $"no-{keyword}";
        // Bytes that are no text all read as the same character: the bytes tell them apart.
        if (value!.IndexOf('\uFFFD') >= 0 && source is { IsInMemory: true, IsUnencodedText: false })
            return $"{Clean(value)}~{Mark(source.Bytes.ToArray())}";
        var safe = Clean(value);
        // A value that looks as one that was changed, or as none, is not to fall together with it.
        return safe.Length > 0 && safe == value && !LooksMarked(value) && value != $"no-{keyword}" ? safe : $"{safe}~{Mark(value)}";
    }

    private static string Clean(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in value)
            text.Append(c < ' ' || c is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' or '\u007f' || char.IsSurrogate(c)
                || char.IsControl(c) ? '_' : c);
        var safe = text.ToString().Trim('.', ' ');
        return safe.Length > LongestSegment / 2 && Encoding.UTF8.GetByteCount(safe) > LongestSegment
            ? safe[..Math.Min(safe.Length, LongestSegment / 3)] : safe;
    }

    private static bool LooksMarked(string value) =>
        value.Length > 8 && value[^9] == '~' && value.Skip(value.Length - 8).All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static string SafeWhole(string segment)
    {
        var stem = segment.IndexOf('.') is var dot and >= 0 ? segment[..dot] : segment;
        if (ReservedNames.Contains(stem.Trim()))
            return $"_{stem}~{Mark(stem)}{segment[stem.Length..]}";
        return segment.TrimEnd('.', ' ') is { Length: > 0 } trimmed ? trimmed : "_";
    }

    private static string Mark(string value) => Mark(Encoding.UTF8.GetBytes(value));

    private static string Mark(byte[] value)
    {
        using var hash = SHA256.Create();
        return BitConverter.ToString(hash.ComputeHash(value), 0, 4).Replace("-", "").ToLowerInvariant();
    }

    private sealed record Part(string Text, DicomTag? Tag, bool IsKeyword, int Digits = 0);
}
