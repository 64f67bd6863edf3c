package fetch

import "golang.org/x/sys/windows"

// What Windows says where others have ECONNRESET, EPIPE and ECONNABORTED.
var brokenErrors = []error{windows.WSAECONNRESET, windows.WSAENETRESET, windows.WSAECONNABORTED, windows.WSAESHUTDOWN}
