using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Engine.Tests.Part10;

public class CorpusTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_reads_or_names_an_offset()
    {
        foreach (var name in Corpus.Files())
        {
            try
            {
                var file = await DicomFile.OpenAsync(Corpus.File(name), null, Token);
                output.WriteLine($"{name}: {file.TransferSyntax.Name} {file.Dataset.Count}");
            }
            catch (DicomDataException e)
            {
                output.WriteLine($"!! {name}: {e.Message}");
            }
            try { var p = DicomFileProbe.Read(Corpus.File(name)); output.WriteLine($"     {p.SopClassUid} {p.DatasetOffset} {p.DatasetLength} {new FileInfo(p.Path).Length}"); }
            catch (DicomDataException e)
            {
                output.WriteLine($"   !! {name}: {e.Message}");
            }
        }
    }
}
