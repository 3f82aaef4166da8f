"""What mail servers and people send back, as they write it: kept to the standards, and not."""

OURS = "<4711.digest.0123456789abcdef@spbe.ketapang.example>"

_MAIL = f"""Message-ID: {OURS}
From: SPBE Ketapang <spbe@ketapang.example>
To: Budi <budi@dinas.example>
Subject: 3 tugas SPBE: 1 terlambat
"""

POSTFIX = f"""Return-Path: <>
From: MAILER-DAEMON@mx.ketapang.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: spbe@ketapang.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

This is a MIME-encapsulated message.

--B1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<budi@dinas.example>: host mx.dinas.example[192.0.2.7] said: 550 5.1.1
    <budi@dinas.example>: Recipient address rejected: User unknown

--B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ketapang.example
X-Postfix-Queue-ID: 4F1
Arrival-Date: Mon,  3 Mar 2025 08:00:00 +0700 (WIB)

Final-Recipient: rfc822; budi@dinas.example
Original-Recipient: rfc822;Budi@Dinas.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.dinas.example
Diagnostic-Code: smtp; 550 5.1.1 <budi@dinas.example>: Recipient address
    rejected: User unknown

--B1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{_MAIL}
--B1--
"""

POSTFIX_DELAYED = POSTFIX.replace("Action: failed", "Action: delayed").replace(
    "Status: 5.1.1", "Status: 4.4.1"
)

# The whole mail came back, and the report's group has no status of its own.
EXCHANGE = f"""From: <postmaster@kementerian.example>
To: spbe@ketapang.example
Subject: Undeliverable: 3 tugas SPBE: 1 terlambat
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_b_"
Message-ID: <9f@kementerian.example>
In-Reply-To: {OURS}

--_b_
Content-Type: multipart/alternative; boundary="_c_"

--_c_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

UGVuZ2lyaW1hbiBnYWdhbA==

--_c_--
--_b_
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.kementerian.example

Final-recipient: RFC822;budi@dinas.example
Action: failed
Diagnostic-code: smtp;550 5.2.2 STOREDRV.Deliver; mailbox full

--_b_
Content-Type: message/rfc822

{_MAIL}Content-Type: text/plain

Isi surel.
--_b_--
"""

# One mailing list expanded: one recipient was delivered, the second one failed.
TWO_RECIPIENTS = POSTFIX.replace(
    "Final-Recipient: rfc822; budi@dinas.example\n",
    "Final-Recipient: rfc822; ani@dinas.example\nAction: relayed\nStatus: 2.0.0\n\n"
    "Final-Recipient: rfc822; budi@dinas.example\n",
)

EXIM = f"""Return-path: <>
X-Failed-Recipients: budi@dinas.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.ketapang.example>
To: spbe@ketapang.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  budi@dinas.example
    host mx.dinas.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<budi@dinas.example>:
    550 Unrouteable address

------ This is a copy of the message, including all the headers. ------

{_MAIL}
Isi surel.
"""

QMAIL = f"""Return-Path: <>
From: MAILER-DAEMON@lama.dinas.example
To: spbe@ketapang.example
Subject: failure notice

Hi. This is the qmail-send program at lama.dinas.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<budi@dinas.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{_MAIL}
Isi surel.
"""

# A filter on the way lost the parts: a report in name only, cut off in the middle.
CUT_OFF = POSTFIX[: POSTFIX.index("Action: failed") + len("Action: failed\nStatus: 5.1.1\n")]

# The report was wrapped as plain text by a gateway.
PLAIN_REPORT = POSTFIX.replace("Content-Type: message/delivery-status", "Content-Type: text/plain")

COMPLAINT = f"""From: <abuse@penyedia.example>
Date: Mon, 3 Mar 2025 10:00:00 +0700
Subject: FW: 3 tugas SPBE
To: spbe@ketapang.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from IP 192.0.2.1.

--part
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <Budi@dinas.example>

--part
Content-Type: message/rfc822
Content-Disposition: inline

{_MAIL}
Isi surel.
--part--
"""

VACATION = f"""From: Budi <budi@dinas.example>
To: spbe@ketapang.example
Subject: Tidak di kantor: Re: 3 tugas SPBE
Auto-Submitted: auto-replied
In-Reply-To: {OURS}

Saya cuti sampai 5.4.2025. Untuk hal mendesak hubungi 550-123 atau ani@dinas.example.
"""

# Without the header that says so, and with a sender as reports have it.
VACATION_OF_OLD = f"""Return-Path: <>
From: Budi <budi@dinas.example>
To: spbe@ketapang.example
Subject: Out of office
X-Autoreply: yes
In-Reply-To: {OURS}

550 5.1.1 is what I would say if I were a server.
"""

ANSWER = f"""From: Budi <budi@dinas.example>
To: spbe@ketapang.example
Subject: Re: Undelivered Mail: mohon dibantu
In-Reply-To: {OURS}

Surel dari anda berisi 550 5.1.1 User unknown, mohon dibantu.
"""

DELIVERED = POSTFIX.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.1.5")

DELAY_IN_WORDS = f"""Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@mx.ketapang.example>
To: spbe@ketapang.example
Subject: Warning: message delayed 24 hours

Your message has not been delivered yet. It will be retried.

{_MAIL}
"""
