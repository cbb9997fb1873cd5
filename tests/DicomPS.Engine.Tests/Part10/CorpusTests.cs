using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

/// <summary>Real files, from many devices.</summary>
public class CorpusTests
{
    /// <summary>What cannot be read, and why.</summary>
    private static readonly Dictionary<string, string> Unreadable = new(StringComparer.Ordinal)
    {
        ["MR_truncated.dcm"] = "end inside",
        ["rtplan_truncated.dcm"] = "end inside",
        ["dicomdirtests/DICOMDIR-nooffset"] = "end inside",
        ["no_meta.dcm"] = "no DICOM file",
        ["dicomdirtests/README.txt"] = "no DICOM file",
        ["dicomdirtests/TINY_ALPHA/README"] = "no DICOM file",
    };

    /// <summary>What can be read and not sent, and why.</summary>
    private static readonly Dictionary<string, string> Unsendable = new(StringComparer.Ordinal)
    {
        ["SC_rgb_jpeg.dcm"] = "its dataset is Implicit VR",
        ["empty_charset_LEI.dcm"] = "no SOPClassUID",
        ["nested_priv_SQ.dcm"] = "no SOPClassUID",
        ["meta_missing_tsyntax.dcm"] = "no SOPClassUID",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_reads_or_names_the_offset_where_it_cannot_be_read()
    {
        var files = Corpus.Files();
        Assert.True(files.Count > 140, $"{files.Count} files");
        foreach (var name in files)
        {
            var error = await Record.ExceptionAsync(() => DicomFile.OpenAsync(Corpus.File(name), null, Token));
            if (Unreadable.TryGetValue(name, out var why))
            {
                var data = Assert.IsType<DicomDataException>(error);
                Assert.True(data.Message.Contains(why, StringComparison.Ordinal)
                    && data.Message.Contains($"at byte {data.Offset}", StringComparison.Ordinal) && data.Path == Corpus.File(name),
                    $"{name}: {data.Message}");
            }
            else
            {
                Assert.True(error is null, $"{name}: {error}");
            }
        }
    }

    [Fact]
    public async Task What_reads_is_written_and_read_back_equal_and_also_through_other_spellings()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "copy.dcm");
        foreach (var name in Corpus.Files().Where(name => !Unreadable.ContainsKey(name)))
        {
            var original = await DicomFile.OpenAsync(Corpus.File(name), null, Token);
            var expected = Datasets.Describe(original.Dataset);
            await new DicomFile(original.Meta, original.Dataset, original.TransferSyntax).SaveAsync(path, Token);
            var copy = await DicomFile.OpenAsync(path, null, Token);
            Assert.Equal((name, original.TransferSyntax), (name, copy.TransferSyntax));
            Assert.True(expected.SequenceEqual(Datasets.Describe(copy.Dataset)), name);
            if (!original.TransferSyntax.IsUncompressed)
                continue;

            // Explicit forms only: implicit form would lose the VR of private elements.
            foreach (var syntax in new[] { TransferSyntax.ExplicitVRBigEndian, TransferSyntax.DeflatedExplicitVRLittleEndian })
            {
                var bytes = DatasetWriter.ToArray(original.Dataset, syntax,
                    new DatasetWriterOptions { UndefinedLengths = syntax.IsBigEndian });
                Assert.True(expected.SequenceEqual(Datasets.Describe(DatasetReader.Read(bytes, syntax))), $"{name} as {syntax.Name}");
            }
        }
    }

    [Fact]
    public async Task The_probe_agrees_with_reading_the_whole_file()
    {
        foreach (var name in Corpus.Files())
        {
            var path = Corpus.File(name);
            if (Unreadable.ContainsKey(name) || Unsendable.TryGetValue(name, out _))
            {
                var why = Unreadable.TryGetValue(name, out var unreadable) ? unreadable : Unsendable[name];
                Assert.Contains(why, Assert.Throws<DicomDataException>(() => DicomFileProbe.Read(path)).Message, StringComparison.Ordinal);
                continue;
            }

            var file = await DicomFile.OpenAsync(path, null, Token);
            var probed = DicomFileProbe.Read(path);
            Assert.Equal(
                (name, file.TransferSyntax, file.Dataset.GetString(Tags.SOPClassUID) ?? file.Meta.MediaStorageSopClassUid,
                    file.Dataset.GetString(Tags.SOPInstanceUID) ?? file.Meta.MediaStorageSopInstanceUid),
                (name, probed.TransferSyntax, probed.SopClassUid, probed.SopInstanceUid));

            // The bytes that would be sent are the dataset: read alone they give the same.
            var sent = File.ReadAllBytes(path).AsMemory((int)probed.DatasetOffset, (int)probed.DatasetLength);
            Assert.True(Datasets.Describe(file.Dataset).SequenceEqual(Datasets.Describe(DatasetReader.Read(sent, probed.TransferSyntax))),
                name);
        }
    }
}
