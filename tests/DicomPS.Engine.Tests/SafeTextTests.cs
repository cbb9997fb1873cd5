namespace DicomPS.Engine.Tests;

public class SafeTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("DOE^JOHN", "DOE^JOHN")]
    [InlineData("\u001b]0;pwn\u0007", "?]0;pwn?")]
    [InlineData("\u001b[2J", "?[2J")]
    [InlineData("a\u009b31mb", "a?31mb")]
    [InlineData("a\u007fb\0c", "a?b?c")]
    [InlineData("one\r\ntwo\nthree\rfour\tfive", "one two three four five")]
    [InlineData("a\u0085b\u2028c\u2029d", "a b c d")]
    [InlineData("a\u202eb\u2066c\u2069d\ufeffe", "a?b?c?d?e")]
    [InlineData("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e")]
    [InlineData("山田^太郎 \U0001F600", "山田^太郎 \U0001F600")]
    public void What_steers_a_terminal_is_taken_out_and_nothing_else(string? text, string clean) =>
        Assert.Equal(clean, SafeText.Clean(text));

    // Not as inline data: a runner writes those as UTF-8, which has no halves.
    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("a?b?c", SafeText.Clean("a\ud83db\ude00c"));

    [Fact]
    public void A_text_without_any_is_the_same_object()
    {
        var text = new string('x', 10);
        Assert.Same(text, SafeText.Clean(text));
    }

    [Fact]
    public void Exceptions_clean_their_words() =>
        Assert.Equal(("It says: A? B", "Do ?[0m"),
            (new DicomException("It says: A\u001b\r\nB").Message, new DicomException("") { Advice = "Do \u001b[0m" }.Advice));
}
