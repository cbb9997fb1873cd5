using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Engine.Tests.Part10;

/// <summary>What a list of files shows.</summary>
public class FileHeaderTests
{
    [Fact]
    public async Task The_header_agrees_with_the_whole_file()
    {
        foreach (var name in Corpus.Files())
        {
            DicomFile file;
            try
            {
                file = await DicomFile.OpenAsync(Corpus.File(name), null, TestContext.Current.CancellationToken);
            }
            catch (DicomDataException)
            {
                continue;
            }

            var header = FileHeader.Read(Corpus.File(name), null, out var elements, out var isTruncated,
                TestContext.Current.CancellationToken);
            Assert.False(isTruncated);
            Assert.Equal(
                (name, file.Dataset.GetText(Tags.PatientName), file.Dataset.GetDate(Tags.StudyDate), file.Dataset.GetInt32(Tags.Columns),
                    file.TransferSyntax.Uid, new FileInfo(Corpus.File(name)).Length),
                (name, header.PatientName, header.StudyDate, header.Columns, header.TransferSyntaxUID, header.Bytes));
            Assert.False(elements.Contains(Tags.PixelData), name);
        }
    }

    [Fact]
    public void Elements_after_the_header_are_read_when_they_are_wanted()
    {
        _ = FileHeader.Read(Corpus.File("CT_small.dcm"), Tags.PixelData, out var elements, out _, TestContext.Current.CancellationToken);
        Assert.True(elements.Contains(Tags.PixelData));
        Assert.Equal("DCTOOL100", elements.GetString(Tags.ImplementationVersionName));
        Assert.False(elements.Contains(Tags.DataSetTrailingPadding));
    }

    [Fact]
    public void A_file_that_ends_in_its_header_gives_what_it_has()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "cut.dcm");
        File.WriteAllBytes(path, File.ReadAllBytes(Corpus.File("CT_small.dcm")).AsSpan(0, 1500).ToArray());
        var header = FileHeader.Read(path, null, out _, out var isTruncated, TestContext.Current.CancellationToken);
        Assert.True(isTruncated);
        Assert.Equal(("CompressedSamples^CT1", null), (header.PatientName, header.Rows));
    }
}
