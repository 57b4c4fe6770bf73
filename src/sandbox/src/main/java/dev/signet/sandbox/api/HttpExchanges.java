package dev.signet.sandbox.api;

import com.google.gson.JsonObject;
import dev.signet.sandbox.api.FaultSwitch.ConnectionLostException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one connection, one at a time. A client that leaves interrupts the call that it
 * waits for. Free for the next request from just before the last byte of an answer is written: the
 * client may be quicker than the call's end.
 */
final class HttpExchanges extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(HttpExchanges.class);

  private final ApiRouter router;
  private final ExecutorService calls;
  private volatile boolean busy;
  private volatile @Nullable Future<?> running;

  HttpExchanges(ApiRouter router, ExecutorService calls) {
    this.router = router;
    this.calls = calls;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
    if (busy || !message.decoderResult().isSuccess()) {
      // Pipelined or broken: no client of ours does that, so the connection is not worth saving.
      end(context);
      return;
    }
    ApiRequest request = request(message);
    boolean keepAlive = HttpUtil.isKeepAlive(message);
    busy = true;
    running = calls.submit(() -> serve(context, request, keepAlive));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Future<?> call = running;
    if (call != null) {
      call.cancel(true);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("A connection to the sandbox's API server broke", cause);
    end(context);
  }

  private void serve(ChannelHandlerContext context, ApiRequest request, boolean keepAlive) {
    try {
      switch (router.handle(request)) {
        case Reply.Document(int code, JsonObject body) -> answer(context, code, body, 0, keepAlive);
        case Reply.Watch(WatchStream stream) -> stream(context, stream, keepAlive);
      }
    } catch (ApiFailure failure) {
      answer(context, failure.code(), failure.json(), failure.retryAfterSeconds(), keepAlive);
    } catch (ConnectionLostException | IOException e) {
      end(context);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(context);
    } catch (RuntimeException e) {
      LOG.error("The sandbox's API server failed on {}", request, e);
      ApiFailure failure = ApiFailure.internal();
      answer(context, failure.code(), failure.json(), 0, false);
    }
  }

  private void answer(
      ChannelHandlerContext context,
      int code,
      JsonObject body,
      int retryAfterSeconds,
      boolean keepAlive) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), utf8(body.toString()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    if (retryAfterSeconds > 0) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, retryAfterSeconds);
    }
    HttpUtil.setContentLength(response, response.content().readableBytes());
    HttpUtil.setKeepAlive(response, keepAlive);
    busy = false;
    ChannelFuture written = context.writeAndFlush(response);
    if (!keepAlive) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private static void end(ChannelHandlerContext context) {
    // Nobody is left to tell if closing fails.
    var _ = context.close();
  }

  private void stream(ChannelHandlerContext context, WatchStream watch, boolean keepAlive)
      throws IOException, InterruptedException {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    HttpUtil.setTransferEncodingChunked(response, true);
    HttpUtil.setKeepAlive(response, keepAlive);
    written(context.writeAndFlush(response));
    watch.run(line -> written(context.writeAndFlush(new DefaultHttpContent(utf8(line + "\n")))));
    busy = false;
    written(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
  }

  /** Waits, so that a slow client slows its own watch and nothing else. */
  private static void written(ChannelFuture future) throws IOException, InterruptedException {
    if (!future.await().isSuccess()) {
      throw new IOException("The client of a watch has left", future.cause());
    }
  }

  private static ByteBuf utf8(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  private static ApiRequest request(FullHttpRequest message) {
    QueryStringDecoder uri = new QueryStringDecoder(message.uri());
    Map<String, List<String>> headers = new TreeMap<>();
    for (Map.Entry<String, String> header : message.headers()) {
      headers
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.getValue());
    }
    return new ApiRequest(
        message.method().name(),
        Arrays.stream(uri.rawPath().substring(1).split("/", -1))
            .map(HttpExchanges::segment)
            .toList(),
        uri.parameters(),
        headers,
        message.content().toString(StandardCharsets.UTF_8));
  }

  private static String segment(String raw) {
    // A plus is a plus in a path; the decoder is one for query parts.
    return QueryStringDecoder.decodeComponent(raw.replace("+", "%2B"));
  }
}
