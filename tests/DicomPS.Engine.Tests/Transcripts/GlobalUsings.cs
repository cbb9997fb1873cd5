// The one place where the transcripts name namespaces of the engine: when types move, only this file follows.
global using DicomPS.Associations;
global using DicomPS.Commitment;
global using DicomPS.Data;
global using DicomPS.Dictionary;
global using DicomPS.Dimse;
global using DicomPS.Engine.Tests.Support;
global using DicomPS.Part10;
global using DicomPS.Pdus;
global using DicomPS.Querying;
global using DicomPS.Retrieving;
global using DicomPS.Scp;
global using DicomPS.Scu;
global using DicomPS.Sending;
global using DicomPS.Serialization;
global using DicomPS.Serving;
global using DicomPS.Text;
