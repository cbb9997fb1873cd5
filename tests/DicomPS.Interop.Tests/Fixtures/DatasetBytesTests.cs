using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Fixtures;

public class DatasetBytesTests
{
    private static readonly byte[] Dataset = [0x08, 0x00, 0x18, 0x00, (byte)'U', (byte)'I', 0x02, 0x00, (byte)'1', 0x00];

    private static readonly byte[] Meta =
    [
        .. new byte[128], .. "DICM"u8,
        0x02, 0x00, 0x01, 0x00, (byte)'O', (byte)'B', 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01,
        0x02, 0x00, 0x10, 0x00, (byte)'U', (byte)'I', 0x02, 0x00, (byte)'1', 0x00,
    ];

    [Fact]
    public void Preamble_and_meta_are_cut_off() => Assert.Equal(Dataset, DatasetBytes.Of([.. Meta, .. Dataset]).ToArray());

    [Fact]
    public void A_meta_without_preamble_is_cut_off() => Assert.Equal(Dataset, DatasetBytes.Of([.. Meta[132..], .. Dataset]).ToArray());

    [Fact]
    public void A_bare_dataset_is_left_whole() => Assert.Equal(Dataset, DatasetBytes.Of([.. Dataset]).ToArray());

    [Fact]
    public void Every_file_of_the_corpus_has_a_dataset()
    {
        foreach (var file in Corpus.Files())
            Assert.False(DatasetBytes.Of(file).IsEmpty, file);
    }
}
