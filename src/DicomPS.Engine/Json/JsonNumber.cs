namespace DicomPS.Json;

/// <summary>Which texts are numbers in JSON (RFC 8259 6), which is stricter than DS and IS are.</summary>
internal static class JsonNumber
{
    /// <summary>Whether the text can stand in JSON as it is: no plus, no leading zeros, digits on both sides of the point.</summary>
    public static bool IsNumber(string text)
    {
        var i = 0;
        if (i < text.Length && text[i] == '-')
            i++;

        var whole = Digits(text, ref i);
        if (whole == 0 || (whole > 1 && text[i - whole] == '0'))
            return false;

        if (i < text.Length && text[i] == '.')
        {
            i++;
            if (Digits(text, ref i) == 0)
                return false;
        }

        if (i < text.Length && text[i] is 'e' or 'E')
        {
            i++;
            if (i < text.Length && text[i] is '+' or '-')
                i++;

            if (Digits(text, ref i) == 0)
                return false;
        }

        return i == text.Length;
    }

    private static int Digits(string text, ref int i)
    {
        var start = i;
        while (i < text.Length && text[i] is >= '0' and <= '9')
            i++;

        return i - start;
    }
}
